#include "core/arrival_trend.hpp"

namespace chalkstream {

namespace {

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

} // namespace

void arrival_trend::observed(time_point at, double rate) {
  points_.push_back({at, rate});
  while (at - points_.front().at > window_)
    points_.pop_front();
}

double arrival_trend::growth() const {
  if (points_.size() < 3)
    return 0;
  const auto n = static_cast<double>(points_.size());
  double time = 0;
  double rate = 0;
  for (const auto& p : points_) {
    time += seconds(p.at - points_.front().at) / n;
    rate += p.rate / n;
  }
  double together = 0;
  double alone = 0;
  for (const auto& p : points_) {
    const auto t = seconds(p.at - points_.front().at) - time;
    together += t * (p.rate - rate);
    alone += t * t;
  }
  if (alone <= 0)
    return 0;
  const auto slope = together / alone;
  const auto grown = slope * seconds(points_.back().at - points_.front().at);
  return grown > noise_ * rate ? slope : 0;
}

} // namespace chalkstream

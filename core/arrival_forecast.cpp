#include "core/arrival_forecast.hpp"

#include "core/scaling_terms.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chalkstream {

namespace {

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

} // namespace

void arrival_forecast::observed(time_point at, double rate) {
  points_.push_back({at, rate});
  while (at - points_.front().at > window_)
    points_.pop_front();
  std::vector<double> values;
  values.reserve(points_.size());
  for (const auto& p : points_)
    values.push_back(p.rate);
  const auto middle = median(values);
  for (auto& v : values)
    v = std::abs(v - middle);
  const auto noise = surge_deviations * deviation_of_median * median(values);
  const bool surges = rate > least_surge * middle && rate > middle + noise;
  level_ = surges ? rate : middle;
  steady_ = at - points_.front().at >= window_ / 3 ? middle : 0;
  growth_ = surges ? std::max(0.0, slope()) : 0;
}

double arrival_forecast::slope() const {
  double n = 0;
  double time = 0;
  double rate = 0;
  const auto& last = points_.back();
  const auto since = [&last](const point& p) { return in_seconds(p.at - last.at); };
  const auto recent = std::find_if(points_.begin(), points_.end(),
                                   [&last](const point& p) { return last.at - p.at <= slope_window; });
  for (auto p = recent; p != points_.end(); ++p) {
    n += 1;
    time += since(*p);
    rate += p->rate;
  }
  if (n < 3)
    return 0;
  double together = 0;
  double alone = 0;
  for (auto p = recent; p != points_.end(); ++p) {
    const auto t = since(*p) - time / n;
    together += t * (p->rate - rate / n);
    alone += t * t;
  }
  return alone > 0 ? together / alone : 0;
}

} // namespace chalkstream

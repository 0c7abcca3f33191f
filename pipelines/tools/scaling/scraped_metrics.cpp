#include "pipelines/tools/scaling/scraped_metrics.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

namespace {

// The share `quantile` of the records taken since `first` waited no longer than this.
double wait_of(const simulated_service& service, std::size_t first, std::size_t last, double quantile) {
  std::vector<float> waits(service.waits().begin() + static_cast<std::ptrdiff_t>(first),
                           service.waits().begin() + static_cast<std::ptrdiff_t>(last));
  const auto nth = waits.begin() + static_cast<std::ptrdiff_t>(quantile * static_cast<double>(waits.size() - 1));
  std::ranges::nth_element(waits, nth);
  return *nth;
}

} // namespace

time_point simulated_time(double second) {
  return time_point{of_seconds(second)};
}

void scraped_metrics::take(double now, const simulated_service& s) {
  scrapes_.push_back(
      {now, s.arrived_tokens(), s.finished_tokens(), s.finished_seconds(), s.taken(), s.replicas(), s.ready()});
  while (now - scrapes_.front().at > service_window)
    scrapes_.pop_front();
}

const scraped_metrics::scrape& scraped_metrics::before(double window) const {
  return *std::ranges::find_if(scrapes_, [&](const scrape& s) { return last().at - s.at <= window; });
}

scaling_observation scraped_metrics::observation(const scaling_settings& settings, double deadline,
                                                 const simulated_service& service) const {
  scaling_observation o;
  const auto& now = last();
  const auto at = [&now](double value) { return observed{value, simulated_time(now.at)}; };
  const auto& recent = before(arrival_window);
  if (now.at - recent.at > arrival_window / 2) // a rate over less is noise
    o.arrival_rate = at(std::max(0.0, now.arrived - recent.arrived) / (now.at - recent.at));
  const auto& earlier = before(service_window);
  const auto worked = now.worked - earlier.worked;
  if (worked > 1e-3 && now.finished > earlier.finished)
    o.service_rate = at((now.finished - earlier.finished) / worked);
  o.pending = at(std::max(0.0, now.arrived - now.finished));
  if (o.service_rate && now.ready > 0)
    o.drain_seconds = at(o.pending->value / (o.service_rate->value * static_cast<double>(now.ready)));
  const auto first_taken = before(slack_window).taken;
  if (settings.slack && now.taken > first_taken)
    o.slack_seconds = at(deadline - wait_of(service, first_taken, now.taken, 1 - settings.slack_quantile));
  o.replicas = at(static_cast<double>(now.replicas));
  o.ready = at(static_cast<double>(now.ready));
  return o;
}

} // namespace chalkstream::pipelines::tools

#include "core/scaling_terms.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream {

replica_bound most_replicas(const scaling_settings& settings) {
  replica_bound top{settings.most, scaling_limit::most};
  if (settings.budget > 0 && settings.replica_cost > 0) {
    const auto paid = static_cast<std::size_t>(std::min(std::floor(settings.budget / settings.replica_cost), 1e6));
    if (paid < top.replicas)
      top = {paid, scaling_limit::budget};
  }
  top.replicas = std::max(top.replicas, settings.least);
  return top;
}

duration scaling_horizon(const scaling_settings& settings) {
  return settings.startup + settings.interval;
}

duration noise_window(const scaling_settings& settings) {
  return std::max<duration>(std::chrono::seconds(30), settings.drain / 2);
}

duration forecast_window(const scaling_settings& settings) {
  return std::max<duration>(std::chrono::minutes(3), 4 * settings.drain);
}

} // namespace chalkstream

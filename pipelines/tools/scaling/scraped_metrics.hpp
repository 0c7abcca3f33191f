// What a monitoring system knows of a simulated service: counters and gauges as they were at the last scrape, and
// rates over the scrapes before it.
#pragma once

#include "core/scaling_policy.hpp"
#include "pipelines/tools/scaling/simulated_service.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace chalkstream::pipelines::tools {

class scraped_metrics {
public:
  struct scrape {
    double at = 0;
    double arrived = 0; // tokens, like the next
    double finished = 0;
    double worked = 0; // seconds, on what is finished
    std::size_t taken = 0;
    std::size_t replicas = 0;
    std::size_t ready = 0;
  };

  /// Seconds that are looked back on for what comes, for what slack is a quantile of, and for how fast a replica is.
  static constexpr double arrival_window = 30;
  static constexpr double slack_window = 60;
  static constexpr double service_window = 300;

  void take(double now, const simulated_service& service);

  const scrape& last() const noexcept { return scrapes_.back(); }
  /// The oldest scrape that is no more than `window` older than the last.
  const scrape& before(double window) const;

  /// For the rule in core. What would be no number in a query (a rate of nothing) is absent.
  scaling_observation observation(const scaling_settings& settings, double deadline,
                                  const simulated_service& service) const;

private:
  std::deque<scrape> scrapes_;
};

/// The simulation's seconds on the rule's clock.
time_point simulated_time(double second);

} // namespace chalkstream::pipelines::tools

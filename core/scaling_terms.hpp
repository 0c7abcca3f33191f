// What follows from autoscaling's settings alone: the numbers that whoever evaluates the rule elsewhere needs too.
#pragma once

#include "core/scaling_policy.hpp"

#include <cstddef>

namespace chalkstream {

struct replica_bound {
  std::size_t replicas = 0;
  scaling_limit limit = scaling_limit::most;
};

/// As many as there may be, by `most` and by what the budget pays for; never fewer than `least`.
replica_bound most_replicas(const scaling_settings& settings);

/// From what is seen to the first record of a replica that is started because of it.
duration scaling_horizon(const scaling_settings& settings);

/// What is noise has gone by then: rates are averaged over so long. Where there is more time, more is noise.
duration noise_window(const scaling_settings& settings);

/// Of the median of what comes.
duration forecast_window(const scaling_settings& settings);

/// A surge of what comes is half as much again as the median, and further from it than noise is but once in many
/// hours.
inline constexpr double least_surge = 1.5;
inline constexpr double surge_deviations = 4;
/// Of what is normally distributed, over the median distance from the median.
inline constexpr double deviation_of_median = 1.4826;
/// How fast a surge grows is its slope over so long.
inline constexpr duration slope_window = std::chrono::minutes(1);

} // namespace chalkstream

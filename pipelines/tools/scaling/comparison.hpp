// A trace scaled by core's rule, and by others that were given every chance: their settings are chosen for this very
// trace, in hindsight, while core's rule has the same for all.
#pragma once

#include "pipelines/tools/scaling/simulation.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct scaling_comparison {
  arrival_trace trace; // its records are dropped once they were played
  simulation_run ours;
  /// The fewest that never change and miss no more than ours; absent if `most_fixed` are not enough.
  std::optional<simulation_run> fixed;
  /// Of each kind the setting that misses least for no more replica-hours than ours, or costs least where all cost
  /// more.
  simulation_run processor;
  simulation_run lag;
  /// Of each kind the cheapest setting that misses no more than ours; absent if none does.
  std::optional<simulation_run> processor_as_good;
  std::optional<simulation_run> lag_as_good;

  /// Share of the fixed size's replica-hours that ours saves.
  double saved() const noexcept;
};

inline constexpr std::size_t most_fixed = 1000;

/// Targets in shares of the processor and thresholds in records, all of which are tried.
std::vector<double> tried_targets();
std::vector<double> tried_thresholds();

/// `ours` for this trace: the objective follows from the deadline of what comes, all else is as usual.
scaling_settings usual_settings(const arrival_trace& trace, const simulation_settings& settings);

/// `progress` is told shares of the work that are done.
scaling_comparison compare(arrival_trace trace, const scaling_settings& ours, const simulation_settings& settings,
                           const std::function<void(double)>& progress);

} // namespace chalkstream::pipelines::tools

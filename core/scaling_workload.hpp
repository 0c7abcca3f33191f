// An observation that can be believed, as plain numbers; or what is wrong with it. Values come from other machines
// and may be anything.
#pragma once

#include "core/scaling_policy.hpp"

#include <cstddef>
#include <optional>
#include <variant>

namespace chalkstream {

/// What is wrong with an observation.
struct scaling_fault {
  scaling_reason reason = scaling_reason::missing;
  scaling_value value = scaling_value::none;
};

struct scaling_workload {
  double arrivals = 0; // units a second
  double rate = 0;     // of one replica; 0: nothing tells, and nothing needs it (idle or asleep)
  double pending = 0;  // units
  std::optional<double> slack;
  std::size_t replicas = 0;
  std::size_t ready = 0;
  std::optional<std::size_t> partitions;

  bool idle() const noexcept { return arrivals <= 0 && pending <= 0; }
};

/// The number of replicas alone, which bounds hold for whatever else is wrong.
std::variant<std::size_t, scaling_fault> believed_replicas(const scaling_settings& settings, time_point now,
                                                           const scaling_observation& seen);

std::variant<scaling_workload, scaling_fault> believed(const scaling_settings& settings, time_point now,
                                                       const scaling_observation& seen);

} // namespace chalkstream

// What autoscaling wants, what it sees, and what it says: values only. The rules are in scaling_controller.
//
// A replica is whatever the actuator adds and takes away: a slot that a model may hold, or a process of the group.
// Work is counted in any one unit (records, tokens), the same in every value of one observation.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chalkstream {

/// docs/autoscaling.md says what each does to the result; pipelines/configuration_scaling checks the ranges.
struct scaling_settings {
  /// The objective: what waits is worked off within this time.
  duration drain = std::chrono::seconds(10);
  /// Time left when a record is taken, for all but the most hurried `slack_quantile` of them. Absent: no objective.
  std::optional<duration> slack;
  double slack_quantile = 0.05;

  /// Bounds. A least of 0 lets the last replica go once nothing has come or waited for `idle_after`.
  std::size_t least = 1;
  std::size_t most = 1;
  duration idle_after = std::chrono::minutes(10);

  /// Replicas that one change adds or takes away at most, and the time between two changes.
  std::size_t step_up = 8;
  std::size_t step_down = 1;
  duration interval = std::chrono::seconds(5);

  /// More replicas must have been wanted for all of `up_window`, fewer for all of `down_window`.
  duration up_window{};
  duration down_window = std::chrono::minutes(5);

  /// From the change to the new replica's first record.
  duration startup{};
  /// Share of its rate that a replica is planned with; it may be `hysteresis` less before one is taken away.
  double utilisation = 0.8;
  double hysteresis = 0.2;

  /// Of one replica for an hour, and what all may cost in an hour; in any currency. 0: not bounded by cost.
  double replica_cost = 0;
  double budget = 0;

  /// An older value, or one from as far in the future, is not believed.
  duration stale_after = std::chrono::seconds(30);
};

/// A value and when it was true, on the clock that the controller is asked with.
struct observed {
  double value = 0;
  time_point at{};
};

/// What the actuator and the metrics say. Of drain, pending and service rate any two are enough.
struct scaling_observation {
  /// Seconds to work off what waits with the replicas that are ready.
  std::optional<observed> drain_seconds;
  /// The settings' quantile of the time left when records were taken; absent while none are.
  std::optional<observed> slack_seconds;
  /// Units a second that came.
  std::optional<observed> arrival_rate;
  /// Units a second that one replica works off while it is busy.
  std::optional<observed> service_rate;
  /// Units that wait, what Kafka still holds included.
  std::optional<observed> pending;
  /// What the actuator was last told, and those of them that work; absent: all.
  std::optional<observed> replicas;
  std::optional<observed> ready;
  /// Of the input, where replicas share them; absent: no limit.
  std::optional<observed> partitions;
};

enum class scaling_value : std::uint8_t {
  none,
  drain_seconds,
  slack_seconds,
  arrival_rate,
  service_rate,
  pending,
  replicas,
  ready,
  partitions,
};

/// Why it is what it is. From `missing` on the observation is at fault and nothing is changed because of it.
enum class scaling_reason : std::uint8_t {
  steady,        // what is there is what is wanted
  drain,         // more: what waits, or will, takes longer than the objective
  slack,         // more: deadlines are at risk and waiting is why
  arrivals,      // more: what comes needs more than the planned share of the replicas
  surplus,       // fewer are enough, and have been for the whole window
  asleep,        // none: nothing came or waited for long
  woken,         // one or more again: something came
  bounds,        // what is there was outside of the bounds
  stabilising,   // another number is wanted, but not for a whole window yet
  waiting,       // another number is wanted, but the last change was just made
  missing,       // a value was not given
  not_a_number,  // NaN, or infinite
  stale,         // too old, or from the future
  impossible,    // negative, beyond counting, or a fraction of a replica
  contradictory, // values cannot be true together
};

/// What kept it from wanting more, or fewer.
enum class scaling_limit : std::uint8_t {
  none,
  least,
  most,
  step,       // the rest follows with the next changes
  partitions, // more replicas would have nothing to read: the topic needs more partitions
  budget,
};

std::string_view to_string(scaling_value value) noexcept;
std::string_view to_string(scaling_reason reason) noexcept;
std::string_view to_string(scaling_limit limit) noexcept;

struct scaling_decision {
  /// Replicas wanted.
  std::size_t replicas = 0;
  /// Whether the actuator has anything to do.
  bool changed = false;
  scaling_reason reason = scaling_reason::steady;
  scaling_limit limit = scaling_limit::none;
  /// Which value was at fault.
  scaling_value at_fault = scaling_value::none;
  /// What the rule would have, before windows, steps and bounds; 0 where the observation was at fault.
  std::size_t unbounded = 0;
  /// Seconds of work that wait when a change made now takes effect, were nothing changed; 0 likewise.
  double predicted_drain = 0;

  bool held() const noexcept { return reason >= scaling_reason::missing; }
};

} // namespace chalkstream

// One PromQL expression that asks for everything a scaling decision needs, and what its answer means.
//
// All of it is asked at once, so that the values are of one moment. A value that cannot be told is absent rather than
// 0: a rate without enough scrapes, a quantile of no records, the speed of a model that has not run.
#pragma once

#include "core/metric_source.hpp"
#include "core/scaling_policy.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::monitoring {

/// A model within one process, which Prometheus knows by the value of chalkstream_autoscale_key.
struct slots_scope {
  std::string model;
  /// That take their records first to this model: what Kafka holds for them waits for it.
  std::vector<std::string> pipelines;
  /// Its batches are steps of texts: records are counted when they begin.
  bool writes = false;
  std::uint64_t key = 0;
};

/// All processes of a configuration.
struct processes_scope {
  std::vector<std::string> pipelines;
  /// PromQL matchers that tell them from others, such as `job="chalkstream"`; may be empty.
  std::string matchers;
};

/// What is asked about all processes, each an expression of one value without labels, or of none. The autoscaler asks
/// them; the rules for Kubernetes (pipelines/scaling/rules) are made of the same.
struct process_expressions {
  std::string ready;      // processes that work; no value rather than 0
  std::string age;        // seconds, of the oldest value
  std::string drain;      // seconds, as the processes say
  std::string pending;    // records within the processes
  std::string lag;        // records that Kafka holds
  std::string lag_growth; // records a second
  std::string served;     // records a second that were taken on
  std::string worked;     // results a second, over a longer time
  std::string busy;       // seconds computed in a second, over the same
  std::string slots;      // of a process
  std::string held;       // slots that models may hold, of a process
  std::string slack;      // seconds, the settings' quantile of them
};
/// PromQL's selector of a range, "[1500ms]"; rounded up.
std::string range(duration d);

process_expressions expressions(const processes_scope& scope, const scaling_settings& settings);

/// The target that processes_scope is asked for.
inline constexpr std::string_view all_processes = "processes";

/// Rates are over `settings.stale_after`; speeds over ten times as much.
std::string scaling_query(const slots_scope& scope, const scaling_settings& settings);
std::string scaling_query(const processes_scope& scope, const scaling_settings& settings);

/// What an answer to scaling_query says of `target`, a model or all_processes: all but what the actuator and the
/// broker know. `now` and `wall` are one moment. An answer that says a thing twice, or warns, is `corrupt`.
result<scaling_observation> read_scaling_answer(const metric_answer& answer, std::string_view target, time_point now,
                                                wall_time wall);

} // namespace chalkstream::monitoring

// The rule of core/scaling_controller as recording rules of Prometheus, for whoever starts processes instead of us.
// Each step is a series of its own, so that a person sees why there are as many processes as there are.
//
// They are made of the expressions that `autoscale run` asks (monitoring/scaling_query) and of the same settings, and
// in a load that does not change they want what it wants (tests/pipelines_configuration/scaling_rules_test). Windows,
// steps and bounds are for whoever acts; what proved too few is not remembered, and when replicas that are starting
// will work is not known.
#pragma once

#include "pipelines/configuration/configuration.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Processes that are scaled together.
struct scaled_processes {
  /// By which their series are known: each has the labels scaled="NAME" and, unless the space is empty, namespace.
  std::string name;
  std::string space;
  /// PromQL matchers that tell these processes from others; may be empty.
  std::string matchers;
};

/// A file of rules, YAML. The last is how many processes are wanted now, a whole number; it has no value where a
/// metric is missing that it needs, so that nobody takes that for idleness.
/// The configuration has autoscaling and at least one pipeline.
std::string scaling_rules(const configuration& wanted, const scaled_processes& which);

/// The name of that last series, and the expression that selects it.
inline constexpr std::string_view wanted_processes = "chalkstream:wanted_processes";
std::string select_wanted_processes(const scaled_processes& which);

} // namespace chalkstream::pipelines

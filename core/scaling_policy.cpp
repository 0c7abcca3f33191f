#include "core/scaling_policy.hpp"

namespace chalkstream {

std::string_view to_string(scaling_value value) noexcept {
  switch (value) {
  case scaling_value::none:
    return "none";
  case scaling_value::drain_seconds:
    return "drain_seconds";
  case scaling_value::slack_seconds:
    return "slack_seconds";
  case scaling_value::arrival_rate:
    return "arrival_rate";
  case scaling_value::service_rate:
    return "service_rate";
  case scaling_value::pending:
    return "pending";
  case scaling_value::replicas:
    return "replicas";
  case scaling_value::ready:
    return "ready";
  case scaling_value::partitions:
    return "partitions";
  }
  return "?";
}

std::string_view to_string(scaling_reason reason) noexcept {
  switch (reason) {
  case scaling_reason::steady:
    return "steady";
  case scaling_reason::drain:
    return "drain";
  case scaling_reason::slack:
    return "slack";
  case scaling_reason::arrivals:
    return "arrivals";
  case scaling_reason::surplus:
    return "surplus";
  case scaling_reason::asleep:
    return "asleep";
  case scaling_reason::woken:
    return "woken";
  case scaling_reason::bounds:
    return "bounds";
  case scaling_reason::stabilising:
    return "stabilising";
  case scaling_reason::waiting:
    return "waiting";
  case scaling_reason::missing:
    return "missing";
  case scaling_reason::not_a_number:
    return "not_a_number";
  case scaling_reason::stale:
    return "stale";
  case scaling_reason::impossible:
    return "impossible";
  case scaling_reason::contradictory:
    return "contradictory";
  }
  return "?";
}

std::string_view to_string(scaling_limit limit) noexcept {
  switch (limit) {
  case scaling_limit::none:
    return "none";
  case scaling_limit::least:
    return "least";
  case scaling_limit::most:
    return "most";
  case scaling_limit::step:
    return "step";
  case scaling_limit::partitions:
    return "partitions";
  case scaling_limit::budget:
    return "budget";
  }
  return "?";
}

} // namespace chalkstream

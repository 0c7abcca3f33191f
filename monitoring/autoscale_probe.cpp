#include "monitoring/autoscale_probe.hpp"

#include <string_view>

namespace chalkstream::monitoring {

namespace {

constexpr family wanted_replicas{"chalkstream_autoscale_wanted_replicas",
                                 "Replicas that the autoscaler wants, or wanted when it last could tell.",
                                 metric_type::gauge};
constexpr family decisions{"chalkstream_autoscale_decisions_total", "Decisions, by what they changed.",
                           metric_type::counter};
constexpr family holds{"chalkstream_autoscale_holds_total",
                       "Times that nothing was decided, since the metrics could not be had or believed.",
                       metric_type::counter};
constexpr family limited{"chalkstream_autoscale_limited",
                         "1 where another number is wanted and this is what stands against it.", metric_type::gauge};

constexpr std::array<std::string_view, hold_reasons> hold_names{"unavailable", "missing",    "not_a_number",
                                                                "stale",       "impossible", "contradictory"};
constexpr std::array<std::string_view, scaling_bounds> bound_names{"",     "least",      "most",
                                                                   "step", "partitions", "budget"};

} // namespace

const family autoscale_key_family{"chalkstream_autoscale_key",
                                  "A number of this process alone, by which its autoscaler finds its series.",
                                  metric_type::gauge};

void autoscale_probe::decided(std::size_t from, std::size_t to) noexcept {
  (to > from ? up_ : to < from ? down_ : same_).add();
}

void autoscale_probe::write(page& to) const {
  const label target{"target", target_};
  to.add(wanted_replicas, {target}, wanted_);
  to.add(decisions, {target, {"direction", "up"}}, up_);
  to.add(decisions, {target, {"direction", "down"}}, down_);
  to.add(decisions, {target, {"direction", "none"}}, same_);
  for (std::size_t i = 0; i < hold_reasons; ++i)
    to.add(holds, {target, {"reason", hold_names[i]}}, held_[i]);
  const auto by = static_cast<std::size_t>(bound_.value());
  for (std::size_t i = 1; i < scaling_bounds; ++i)
    to.add(limited, {target, {"limit", bound_names[i]}}, by == i ? 1.0 : 0.0);
}

} // namespace chalkstream::monitoring

#include "core/scaling_workload.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream {

namespace {

constexpr double most_countable = 1e6;
// No machine counts further; sums and products of what is below stay finite.
constexpr double most_believable = 1e15;
// Drain time as it was measured and as pending over rate gives it may differ by this factor: they are averages over
// different windows.
constexpr double tolerated_factor = 8;

// Reads values until one is at fault.
class reader {
public:
  reader(const scaling_settings& settings, time_point now) : settings_(settings), now_(now) {}

  std::optional<double> number(const std::optional<observed>& from, scaling_value name, bool signed_value = false) {
    if (!from || fault_)
      return {};
    if (!std::isfinite(from->value))
      return refuse(scaling_reason::not_a_number, name);
    if (now_ - from->at > settings_.stale_after || from->at - now_ > settings_.stale_after)
      return refuse(scaling_reason::stale, name);
    if ((from->value < 0 && !signed_value) || std::abs(from->value) > most_believable)
      return refuse(scaling_reason::impossible, name);
    return from->value;
  }

  std::optional<std::size_t> count(const std::optional<observed>& from, scaling_value name) {
    const auto value = number(from, name);
    if (!value)
      return {};
    if (*value > most_countable || *value != std::floor(*value)) {
      refuse(scaling_reason::impossible, name);
      return {};
    }
    return static_cast<std::size_t>(*value);
  }

  std::optional<double> refuse(scaling_reason reason, scaling_value name) {
    if (!fault_)
      fault_ = scaling_fault{reason, name};
    return {};
  }

  const std::optional<scaling_fault>& fault() const noexcept { return fault_; }

private:
  const scaling_settings& settings_;
  time_point now_;
  std::optional<scaling_fault> fault_;
};

bool contradict(double drain, double expected, double objective) {
  const auto [low, high] = std::minmax(drain, expected);
  return high - low > objective && high > tolerated_factor * low;
}

} // namespace

std::variant<std::size_t, scaling_fault> believed_replicas(const scaling_settings& settings, time_point now,
                                                           const scaling_observation& seen) {
  reader values(settings, now);
  const auto replicas = values.count(seen.replicas, scaling_value::replicas);
  if (values.fault())
    return *values.fault();
  if (!replicas)
    return scaling_fault{scaling_reason::missing, scaling_value::replicas};
  return *replicas;
}

std::variant<scaling_workload, scaling_fault> believed(const scaling_settings& settings, time_point now,
                                                       const scaling_observation& seen) {
  reader values(settings, now);
  scaling_workload w;
  const auto replicas = values.count(seen.replicas, scaling_value::replicas);
  const auto ready = values.count(seen.ready, scaling_value::ready);
  w.partitions = values.count(seen.partitions, scaling_value::partitions);
  const auto arrivals = values.number(seen.arrival_rate, scaling_value::arrival_rate);
  const auto rate = values.number(seen.service_rate, scaling_value::service_rate);
  const auto pending = values.number(seen.pending, scaling_value::pending);
  const auto drain = values.number(seen.drain_seconds, scaling_value::drain_seconds);
  w.slack = values.number(seen.slack_seconds, scaling_value::slack_seconds, true);
  if (values.fault())
    return *values.fault();
  if (!replicas)
    return scaling_fault{scaling_reason::missing, scaling_value::replicas};
  if (!arrivals)
    return scaling_fault{scaling_reason::missing, scaling_value::arrival_rate};
  if (w.partitions && *w.partitions == 0)
    return scaling_fault{scaling_reason::impossible, scaling_value::partitions};
  w.replicas = *replicas;
  w.arrivals = *arrivals;
  w.ready = std::min(ready.value_or(w.replicas), w.replicas); // those that leave may still be ready
  const auto working = static_cast<double>(w.ready);

  if (pending)
    w.pending = *pending;
  else if (drain && (*drain == 0 || (rate && w.ready > 0)))
    w.pending = *drain == 0 ? 0 : *drain * *rate * working;
  else
    return scaling_fault{scaling_reason::missing, drain ? scaling_value::pending : scaling_value::drain_seconds};

  if (rate)
    w.rate = *rate;
  else if (drain && *drain > 0 && w.pending > 0 && w.ready > 0)
    w.rate = w.pending / (*drain * working);
  if (w.rate < 1 / most_believable)
    w.rate = 0;
  if (w.rate <= 0 && !w.idle() && w.replicas > 0)
    return rate && w.ready > 0 ? scaling_fault{scaling_reason::contradictory, scaling_value::service_rate}
                               : scaling_fault{scaling_reason::missing, scaling_value::service_rate};
  if (!(w.pending <= most_believable) || !(w.rate <= most_believable))
    return scaling_fault{scaling_reason::impossible, scaling_value::drain_seconds};
  if (drain && pending && w.rate > 0 && w.ready > 0
      && contradict(*drain, w.pending / (w.rate * working), in_seconds(settings.drain)))
    return scaling_fault{scaling_reason::contradictory, scaling_value::drain_seconds};
  return w;
}

} // namespace chalkstream

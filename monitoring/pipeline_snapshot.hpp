// What one pipeline has done since it started, for the live view and the summary.
#pragma once

#include "core/rejection.hpp"
#include "monitoring/latency.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace chalkstream::monitoring {

struct pipeline_snapshot {
  std::string name;
  std::uint64_t received = 0;
  /// Results published, to a person or not; `review` of them to a person.
  std::uint64_t answered = 0;
  std::uint64_t review = 0;
  std::array<std::uint64_t, reject_reason_count> dead_by_reason{};
  std::uint64_t in_flight = 0;
  std::int64_t lag = 0;
  /// From intake to the committed result.
  latency_counts latency;

  std::uint64_t dead() const noexcept {
    std::uint64_t sum = 0;
    for (const auto n : dead_by_reason)
      sum += n;
    return sum;
  }

  double p50() const noexcept { return latency.quantile(0.5); }
  double p99() const noexcept { return latency.quantile(0.99); }
};

} // namespace chalkstream::monitoring

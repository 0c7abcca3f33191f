// Latencies with quantiles good to about 3 %, for the live view and the summary; Prometheus gets the coarser
// histogram.
//
// Microseconds fall into slots that are 1/16 of a power of two wide, from 1 µs to an hour. Counting is one relaxed
// addition; two readings subtract, which gives the quantiles of the time between them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chalkstream::monitoring {

/// A reading: how many latencies fell into each slot.
class latency_counts {
public:
  latency_counts() = default;
  explicit latency_counts(std::vector<std::uint32_t> slots) : slots_(std::move(slots)) {}

  std::uint64_t size() const noexcept;

  /// Seconds below which the share `q` (0 to 1) of all latencies lies; 0 if there are none.
  double quantile(double q) const noexcept;

  /// What came after `earlier`, a reading of the same recorder.
  latency_counts since(const latency_counts& earlier) const;

private:
  std::vector<std::uint32_t> slots_; // empty: all zero
};

class latency_recorder {
public:
  static constexpr std::size_t slots = 464;

  void record(double seconds) noexcept { slots_[slot_of(seconds)].fetch_add(1, std::memory_order_relaxed); }
  void record(std::span<const double> seconds) noexcept {
    for (const auto s : seconds)
      record(s);
  }

  latency_counts read() const;

  static std::size_t slot_of(double seconds) noexcept;

  /// The middle of a slot, in seconds.
  static double middle_of(std::size_t slot) noexcept;

private:
  std::array<std::atomic<std::uint32_t>, slots> slots_{};
};

} // namespace chalkstream::monitoring

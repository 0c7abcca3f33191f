// What probes are made of: a counter, a gauge and a histogram that many threads may touch at once and that cost a few
// nanoseconds. They know nothing of names or labels; a probe gives them both when a page is written.
#pragma once

#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chalkstream::monitoring {

class counter {
public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// A counter of what comes in parts of one. What is negative or not finite is dropped: it would spoil the sum for
/// good.
class total {
public:
  void add(double v) noexcept {
    if (std::isfinite(v) && v > 0)
      value_.fetch_add(v, std::memory_order_relaxed);
  }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<double> value_{0};
};

class gauge {
public:
  void set(double v) noexcept { value_.store(v, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<double> value_{0};
};

/// Counts values by upper bound, as Prometheus does. Values that are not finite are dropped: one NaN would spoil the
/// sum for good.
class histogram {
public:
  static constexpr std::size_t max_bounds = 24;

  /// `bounds` ascend, are at most `max_bounds`, and live as long as the histogram (a constant).
  explicit histogram(std::span<const double> bounds) noexcept;

  void observe(double value) noexcept {
    if (!std::isfinite(value))
      return;
    counts_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  /// Many at once: touches each shared counter once, whatever the number of values.
  void observe(std::span<const double> values) noexcept;

  std::span<const double> bounds() const noexcept { return bounds_; }

  /// One per bound and one for what lies beyond the last.
  std::vector<std::uint64_t> counts() const;
  double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

  /// Which of counts() a value goes to.
  std::size_t bucket_of(double value) const noexcept {
    std::size_t i = 0;
    while (i < bounds_.size() && value > bounds_[i])
      ++i;
    return i;
  }

private:
  std::span<const double> bounds_;
  alignas(64) std::array<std::atomic<std::uint64_t>, max_bounds + 1> counts_{};
  std::atomic<double> sum_{0};
};

} // namespace chalkstream::monitoring

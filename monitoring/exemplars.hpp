// The way from a latency on a graph to one record that had it: beside each bucket of a histogram, the latest value of
// a record that is traced, with the ids of its span. Ids, a number and a time; nothing of the record itself.
//
// One place a bucket, overwritten for ever, so that memory does not follow what comes. Nobody waits: whoever finds a
// place being written leaves it to that writer, whose value is as new. Where nothing is traced it costs a comparison.
#pragma once

#include "core/clock.hpp"
#include "core/journey.hpp"
#include "monitoring/instruments.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace chalkstream::monitoring {

/// The span of a traced record, and when its value was measured.
struct trace_mark {
  trace_id trace{};
  span_id span{};
  wall_time at{};
};

/// As of now; nothing for a record that is not traced, which has no journey.
inline std::optional<trace_mark> mark_of(const journey* traced, const clock& time) {
  return traced == nullptr ? std::nullopt
                           : std::optional(trace_mark{traced->own.trace, traced->own.span, time.wall_now()});
}

struct exemplar {
  trace_mark of;
  double value = 0;
};

class exemplars {
public:
  /// Any thread, any number of them.
  void keep(std::size_t bucket, const exemplar& latest) noexcept;

  /// Nothing before the first, nor while one is being written again and again.
  std::optional<exemplar> latest(std::size_t bucket) const noexcept;

private:
  static constexpr std::size_t words = 5;
  using packed = std::array<std::uint64_t, words>;

  static packed pack(const exemplar& whole) noexcept;
  static exemplar unpack(const packed& parts) noexcept;

  struct place {
    std::atomic<std::uint64_t> version{0}; // odd while it is written, 0 before
    std::array<std::atomic<std::uint64_t>, words> parts{};
  };
  std::array<place, histogram::max_bounds + 1> places_{};
};

/// A histogram of what traced records, among others, took.
class traced_histogram {
public:
  explicit traced_histogram(std::span<const double> bounds) noexcept : values_(bounds) {}

  /// `of` where the value is a traced record's.
  void observe(double value, const std::optional<trace_mark>& of = {}) noexcept {
    values_.observe(value);
    if (of)
      mark(value, *of);
  }
  void observe(std::span<const double> values) noexcept { values_.observe(values); }

  /// Of a value that was observed already.
  void mark(double value, const trace_mark& of) noexcept {
    if (std::isfinite(value))
      exemplars_.keep(values_.bucket_of(value), {of, value});
  }

  const histogram& values() const noexcept { return values_; }
  const exemplars& latest() const noexcept { return exemplars_; }

private:
  histogram values_;
  exemplars exemplars_;
};

} // namespace chalkstream::monitoring

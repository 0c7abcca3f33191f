// Time is injected everywhere: rules and actors read a clock they were given, so a test moves it by hand.
#pragma once

#include <chrono>

namespace chalkstream {

/// Monotonic time, for durations and deadlines inside the process.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// As metrics and formulas count.
constexpr double in_seconds(duration d) noexcept {
  return std::chrono::duration<double>(d).count();
}

/// To the nanosecond below. `count` must be within a century or so.
constexpr duration of_seconds(double count) noexcept {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(count));
}

/// Calendar time in UTC milliseconds, for what leaves or enters the process.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

class clock {
public:
  virtual ~clock() = default;
  virtual time_point now() const noexcept = 0;
  virtual wall_time wall_now() const noexcept = 0;

  /// The machine's clocks. Lives as long as the process.
  static const clock& system();
};

} // namespace chalkstream

// Time is injected everywhere: rules and actors read a clock they were given, so a test moves it by hand.
#pragma once

#include <chrono>

namespace chalkstream {

/// Monotonic time, for durations and deadlines inside the process.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

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

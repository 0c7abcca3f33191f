// Time that stands still until a test moves it. May be read from any thread.
#pragma once

#include "core/clock.hpp"

#include <atomic>

namespace chalkstream::test {

class manual_clock final : public clock {
public:
  /// Starts one hour into monotonic time and in November 2026.
  time_point now() const noexcept override { return time_point{std::chrono::hours(1)} + passed_.load(); }
  wall_time wall_now() const noexcept override {
    return wall_time{std::chrono::milliseconds(1'795'000'000'000)}
           + std::chrono::duration_cast<std::chrono::milliseconds>(passed_.load());
  }

  void advance(duration by) noexcept { passed_.store(passed_.load() + by); }

private:
  std::atomic<duration> passed_{duration{}};
};

} // namespace chalkstream::test

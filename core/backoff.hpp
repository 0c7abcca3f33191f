// How long to wait before the next try, and when to stop trying. Deterministic: jitter comes from the caller's seed,
// so tests and simulations repeat.
#pragma once

#include "core/clock.hpp"

#include <cstdint>

namespace chalkstream {

class backoff {
public:
  backoff(duration first, duration longest, std::uint32_t seed = 1) noexcept
      : first_(first), longest_(longest), state_(seed) {}

  /// Doubles from `first` up to `longest`, each shortened by up to a quarter at random.
  duration next() noexcept;

  /// Tries since the last reset.
  std::uint32_t tries() const noexcept { return tries_; }

  void reset() noexcept { tries_ = 0; }

private:
  duration first_;
  duration longest_;
  std::uint32_t state_;
  std::uint32_t tries_ = 0;
};

} // namespace chalkstream

// Numbers that are the same for the same seed with any standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace chalkstream::pipelines::tools {

class trace_random {
public:
  explicit trace_random(std::uint64_t seed) : engine_(seed) {}

  /// From 0 up to 1, without it.
  double share() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }

  /// Time until the next of what comes at this rate.
  double gap(double rate) { return -std::log(1 - share()) / rate; }

  double normal() {
    const auto radius = std::sqrt(-2 * std::log(1 - share()));
    return radius * std::cos(2 * std::numbers::pi * share());
  }

private:
  std::mt19937_64 engine_;
};

} // namespace chalkstream::pipelines::tools

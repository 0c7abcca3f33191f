// Random numbers by their place: a draw depends on the seed and on where it is drawn, not on what was drawn before.
#pragma once

#include <cstdint>

namespace chalkstream::models {

/// From 0 (exclusive) to 1 (exclusive), the same on every machine. SplitMix64's finalizer over seed, step and place.
inline double random_draw(std::uint64_t seed, std::uint64_t step, std::uint64_t place) noexcept {
  const auto mixed = [](std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
  };
  const auto bits = mixed(mixed(mixed(seed) ^ step) ^ place);
  return (static_cast<double>(bits >> 11U) + 0.5) / 9007199254740992.0; // 2^53
}

} // namespace chalkstream::models

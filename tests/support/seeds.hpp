// Property tests: one body, many seeds. The failing seed is in the failure's trace; CHALK_SEED=<n> runs it alone.
// Sanitizers look for another kind of mistake and slow the program down 20 times: a tenth of the seeds is enough
// there.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace chalkstream::test {

using random_engine = std::mt19937_64;

/// A whole number from `low` to `high`, both included.
inline std::int64_t any_of(random_engine& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

inline bool one_in(random_engine& random, std::int64_t n) {
  return any_of(random, 1, n) == 1;
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t seed_divisor = 10;
#else
inline constexpr std::uint64_t seed_divisor = 1;
#endif

/// Calls `body(random)` for the seeds 1 to `count` (fewer under a sanitizer) and stops at the first that fails.
template <class Body>
void for_seeds(std::uint64_t count, Body&& body) {
  std::uint64_t first = 1;
  count = (count + seed_divisor - 1) / seed_divisor;
  if (const char* only = std::getenv("CHALK_SEED")) {
    first = std::stoull(only);
    count = first;
  }
  for (auto seed = first; seed <= count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("CHALK_SEED=" + std::to_string(seed));
    random_engine random(seed);
    body(random);
  }
}

} // namespace chalkstream::test

#include "core/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

TEST(backoff_test, it_doubles_up_to_the_longest_wait_less_a_quarter_at_most) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    backoff b(10ms, 1s, seed);
    duration full = 10ms;
    for (int i = 0; i < 100; ++i) {
      const auto wait = b.next();
      ASSERT_LE(wait, full) << "seed " << seed << ", try " << i;
      ASSERT_GT(wait, full - full / 4 - 1us) << "seed " << seed << ", try " << i;
      full = std::min<duration>(full * 2, 1s);
    }
  }
}

TEST(backoff_test, the_same_seed_gives_the_same_waits) {
  backoff a(10ms, 1s, 42);
  backoff b(10ms, 1s, 42);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(a.next(), b.next());
}

TEST(backoff_test, processes_that_fail_together_do_not_try_again_together) {
  std::set<duration> waits;
  for (std::uint32_t seed = 0; seed < 100; ++seed)
    waits.insert(backoff(1s, 1s, seed).next());
  EXPECT_GT(waits.size(), 50u);
}

TEST(backoff_test, it_counts_tries_until_it_is_reset) {
  backoff b(10ms, 1s);
  EXPECT_EQ(b.tries(), 0u);
  b.next();
  b.next();
  b.next();
  EXPECT_EQ(b.tries(), 3u);
  b.reset();
  EXPECT_EQ(b.tries(), 0u);
  EXPECT_LE(b.next(), 10ms);
}

TEST(backoff_test, a_first_wait_over_the_longest_is_cut) {
  backoff b(5s, 1s);
  for (int i = 0; i < 50; ++i)
    EXPECT_LE(b.next(), 1s);
}

TEST(backoff_test, hours_do_not_overflow) {
  backoff b(1h, 24h);
  for (int i = 0; i < 100; ++i) {
    const auto wait = b.next();
    EXPECT_GE(wait, 45min - 1s);
    EXPECT_LE(wait, 24h);
  }
}

} // namespace
} // namespace chalkstream

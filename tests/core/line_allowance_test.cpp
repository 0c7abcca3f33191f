#include "core/line_allowance.hpp"

#include <gtest/gtest.h>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

TEST(line_allowance_test, so_many_lines_in_a_stretch_and_the_next_says_how_many_were_left_out) {
  line_allowance some(2, 10s);
  const time_point start{};
  EXPECT_EQ(some.ask(start), 0u);
  EXPECT_EQ(some.ask(start + 1s), 0u);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(some.ask(start + 2s), std::nullopt);
  EXPECT_EQ(some.ask(start + 10s), 5u);
  EXPECT_EQ(some.ask(start + 10s), 0u);
  EXPECT_EQ(some.ask(start + 19s), std::nullopt);
}

TEST(line_allowance_test, a_quiet_time_saves_nothing_up) {
  line_allowance some(1, 1s);
  const time_point start{};
  EXPECT_EQ(some.ask(start), 0u);
  EXPECT_EQ(some.ask(start + 1h), 0u);
  EXPECT_EQ(some.ask(start + 1h), std::nullopt);
}

} // namespace
} // namespace chalkstream

#include "core/arrival_trend.hpp"

#include <gtest/gtest.h>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

TEST(arrival_trend_test, a_straight_line_is_found) {
  arrival_trend t(0.2);
  for (int i = 0; i <= 12; ++i)
    t.observed(time_point{i * 5s}, 10 + i * 5 * 0.5);
  EXPECT_NEAR(t.growth(), 0.5, 1e-9);
}

TEST(arrival_trend_test, what_falls_does_not_grow) {
  arrival_trend t(0.2);
  for (int i = 0; i <= 12; ++i)
    t.observed(time_point{i * 5s}, 100 - i * 5);
  EXPECT_EQ(t.growth(), 0);
}

TEST(arrival_trend_test, growth_within_the_noise_is_none) {
  arrival_trend t(0.2);
  for (int i = 0; i <= 12; ++i)
    t.observed(time_point{i * 5s}, 100 + i); // 12 % within the minute
  EXPECT_EQ(t.growth(), 0);
}

TEST(arrival_trend_test, two_points_are_no_trend) {
  arrival_trend t(0);
  t.observed(time_point{0s}, 1);
  t.observed(time_point{5s}, 50);
  EXPECT_EQ(t.growth(), 0);
  t.observed(time_point{10s}, 99);
  EXPECT_GT(t.growth(), 0);
}

TEST(arrival_trend_test, points_at_one_moment_are_no_trend) {
  arrival_trend t(0);
  for (int i = 0; i < 5; ++i)
    t.observed(time_point{5s}, i);
  EXPECT_EQ(t.growth(), 0);
}

TEST(arrival_trend_test, what_is_older_than_the_window_is_forgotten) {
  arrival_trend t(0.2, 30s);
  for (int i = 0; i <= 6; ++i)
    t.observed(time_point{i * 5s}, i * 10);
  EXPECT_GT(t.growth(), 0);
  for (int i = 7; i <= 14; ++i)
    t.observed(time_point{i * 5s}, 60);
  EXPECT_EQ(t.growth(), 0);
}

} // namespace
} // namespace chalkstream

#include "core/arrival_forecast.hpp"

#include <gtest/gtest.h>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

TEST(arrival_forecast_test, ordinarily_the_level_is_the_median) {
  arrival_forecast f;
  for (int i = 0; i < 40; ++i)
    f.observed(time_point{i * 5s}, i % 2 == 0 ? 9 : 11);
  f.observed(time_point{200s}, 12);
  EXPECT_EQ(f.level(), 11);
  EXPECT_EQ(f.steady(), 11);
  EXPECT_EQ(f.growth(), 0);
}

TEST(arrival_forecast_test, a_surge_is_believed_at_once_and_so_is_its_growth) {
  arrival_forecast f;
  for (int i = 0; i < 40; ++i)
    f.observed(time_point{i * 5s}, 10);
  f.observed(time_point{200s}, 30);
  EXPECT_EQ(f.level(), 30);
  EXPECT_EQ(f.steady(), 10);
  f.observed(time_point{205s}, 50);
  EXPECT_EQ(f.level(), 50);
  EXPECT_GT(f.growth(), 0);
}

TEST(arrival_forecast_test, what_noise_does_now_and_then_is_no_surge) {
  arrival_forecast f;
  for (int i = 0; i < 40; ++i)
    f.observed(time_point{i * 5s}, 2 + i % 7); // 2 to 8
  f.observed(time_point{200s}, 9);
  EXPECT_EQ(f.level(), 5);
}

TEST(arrival_forecast_test, the_slope_of_a_surge_is_that_of_the_last_minute) {
  arrival_forecast f;
  for (int i = 0; i < 24; ++i)
    f.observed(time_point{i * 5s}, 10);
  for (int i = 0; i <= 12; ++i)
    f.observed(time_point{(24 + i) * 5s}, 20 + i * 5 * 0.5);
  EXPECT_NEAR(f.growth(), 0.5, 1e-9);
}

TEST(arrival_forecast_test, a_surge_that_lasts_becomes_the_level) {
  arrival_forecast f;
  for (int i = 0; i < 40; ++i)
    f.observed(time_point{i * 5s}, 10);
  for (int i = 40; i < 60; ++i)
    f.observed(time_point{i * 5s}, 30);
  EXPECT_EQ(f.steady(), 30);
  EXPECT_EQ(f.growth(), 0);
}

TEST(arrival_forecast_test, what_falls_does_not_grow) {
  arrival_forecast f;
  for (int i = 0; i < 40; ++i)
    f.observed(time_point{i * 5s}, 100 - i * 2);
  EXPECT_EQ(f.growth(), 0);
}

TEST(arrival_forecast_test, nothing_is_steady_before_a_minute_has_passed) {
  arrival_forecast f;
  EXPECT_EQ(f.level(), 0);
  for (int i = 0; i < 12; ++i)
    f.observed(time_point{i * 5s}, 10);
  EXPECT_EQ(f.steady(), 0);
  EXPECT_EQ(f.level(), 10);
  f.observed(time_point{60s}, 10);
  EXPECT_EQ(f.steady(), 10);
}

TEST(arrival_forecast_test, points_at_one_moment_have_no_slope) {
  arrival_forecast f;
  for (int i = 0; i < 5; ++i)
    f.observed(time_point{5s}, i < 4 ? 1 : 50);
  EXPECT_EQ(f.level(), 50);
  EXPECT_EQ(f.growth(), 0);
}

TEST(arrival_forecast_test, what_is_forgotten_is_no_measure) {
  arrival_forecast f;
  for (int i = 0; i < 40; ++i)
    f.observed(time_point{i * 5s}, 1);
  f.forget();
  f.observed(time_point{1000s}, 9);
  EXPECT_EQ(f.level(), 9);
  EXPECT_EQ(f.steady(), 0);
}

} // namespace
} // namespace chalkstream

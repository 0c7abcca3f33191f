#include "monitoring/latency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace chalkstream::monitoring {
namespace {

TEST(latency_test, a_slot_holds_its_own_middle_and_slots_ascend) {
  for (std::size_t i = 0; i < latency_recorder::slots; ++i) {
    EXPECT_EQ(latency_recorder::slot_of(latency_recorder::middle_of(i)), i);
    if (i > 0) {
      EXPECT_GT(latency_recorder::middle_of(i), latency_recorder::middle_of(i - 1));
    }
  }
}

TEST(latency_test, quantiles_of_random_latencies_are_within_four_percent) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> around(std::log(0.02), 1.5);
  latency_recorder recorder;
  std::vector<double> all;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(std::max(around(random), 1e-4));
    recorder.record(all.back());
  }
  std::sort(all.begin(), all.end());
  for (const auto q : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = all[static_cast<std::size_t>(std::ceil(q * 20'000)) - 1];
    EXPECT_NEAR(recorder.read().quantile(q), exact, exact * 0.04) << q;
  }
}

TEST(latency_test, nothing_recorded_has_quantile_zero) {
  EXPECT_EQ(latency_counts{}.quantile(0.5), 0);
  EXPECT_EQ(latency_recorder{}.read().quantile(0.99), 0);
}

TEST(latency_test, a_difference_has_the_quantiles_of_what_came_between) {
  latency_recorder recorder;
  for (int i = 0; i < 1000; ++i)
    recorder.record(1.0);
  const auto before = recorder.read();
  for (int i = 0; i < 10; ++i)
    recorder.record(0.010);
  const auto between = recorder.read().since(before);
  EXPECT_EQ(between.size(), 10u);
  EXPECT_NEAR(between.quantile(0.99), 0.010, 0.0004);
  EXPECT_EQ(recorder.read().since({}).size(), 1010u);
}

TEST(latency_test, impossible_latencies_are_counted_at_the_ends) {
  latency_recorder recorder;
  recorder.record(-1);
  recorder.record(std::numeric_limits<double>::quiet_NaN());
  recorder.record(std::numeric_limits<double>::infinity());
  EXPECT_EQ(recorder.read().size(), 3u);
  EXPECT_EQ(latency_recorder::slot_of(1e300), latency_recorder::slots - 1);
}

} // namespace
} // namespace chalkstream::monitoring

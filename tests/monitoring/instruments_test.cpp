#include "monitoring/instruments.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <thread>

namespace chalkstream::monitoring {
namespace {

constexpr std::array bounds{-1.0, 0.0, 2.5};

TEST(histogram_test, counts_a_value_under_the_first_bound_that_is_not_below_it) {
  histogram h(bounds);
  for (const auto v : {-7.0, -1.0, -0.5, 0.0, 2.5, 2.6})
    h.observe(v);
  EXPECT_EQ(h.counts(), (std::vector<std::uint64_t>{2, 2, 1, 1}));
  EXPECT_DOUBLE_EQ(h.sum(), -3.4);
}

TEST(histogram_test, many_at_once_count_as_one_by_one) {
  histogram one(bounds), many(bounds);
  const std::array values{-3.0, 0.0, 0.25, 9.0, std::numeric_limits<double>::quiet_NaN()};
  for (const auto v : values)
    one.observe(v);
  many.observe(values);
  EXPECT_EQ(many.counts(), one.counts());
  EXPECT_DOUBLE_EQ(many.sum(), one.sum());
}

TEST(histogram_test, drops_what_is_not_finite) {
  histogram h(bounds);
  for (const auto v : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity()})
    h.observe(v);
  EXPECT_EQ(h.counts(), (std::vector<std::uint64_t>{0, 0, 0, 0}));
  EXPECT_EQ(h.sum(), 0);
}

TEST(histogram_test, loses_nothing_when_threads_observe_together) {
  histogram h(bounds);
  counter c;
  constexpr int each = 50'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < each; ++i) {
        h.observe(1.0);
        c.add();
      }
    });
  for (auto& t : threads)
    t.join();
  EXPECT_EQ(h.counts()[2], 4u * each);
  EXPECT_DOUBLE_EQ(h.sum(), 4.0 * each);
  EXPECT_EQ(c.value(), 4u * each);
}

} // namespace
} // namespace chalkstream::monitoring

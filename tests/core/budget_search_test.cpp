#include "core/budget_search.hpp"

#include "tests/support/seeds.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

duration seconds(double s) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
}

/// Answers the whole search for a machine with this throughput, in tokens per second.
template <class Throughput>
std::optional<std::size_t> search(budget_search& s, Throughput&& throughput) {
  while (const auto size = s.next())
    s.measured(seconds(static_cast<double>(*size) / throughput(*size)));
  return s.best();
}

TEST(budget_search_test, it_answers_the_smallest_size_within_five_percent_of_the_best) {
  budget_search s({64, 128, 256, 512});
  EXPECT_EQ(search(s, [](std::size_t size) { return size == 64 ? 900.0 : size == 128 ? 960.0 : 1000.0; }), 128u);
}

TEST(budget_search_test, a_cpu_whose_throughput_is_flat_takes_the_smallest) {
  budget_search s;
  EXPECT_EQ(search(s, [](std::size_t) { return 5000.0; }), 64u);
}

TEST(budget_search_test, a_device_that_keeps_gaining_takes_the_largest) {
  budget_search s;
  EXPECT_EQ(search(s, [](std::size_t size) { return static_cast<double>(size) * 100; }), 4096u);
}

TEST(budget_search_test, it_knows_nothing_before_the_first_full_round) {
  budget_search s({64, 128}, 2);
  EXPECT_EQ(s.best(), std::nullopt);
  s.measured(1ms);
  EXPECT_EQ(s.best(), std::nullopt);
  s.measured(1ms);
  EXPECT_EQ(s.best(), 128u);
}

TEST(budget_search_test, each_size_is_measured_as_often_as_asked_and_then_it_ends) {
  budget_search s({10, 20, 30}, 4);
  int measured = 0;
  while (s.next()) {
    s.measured(1ms);
    ++measured;
  }
  EXPECT_EQ(measured, 12);
  const auto answer = s.best();
  s.measured(1ns);
  EXPECT_EQ(s.best(), answer) << "a measurement after the end changes nothing";
}

TEST(budget_search_test, a_disturbed_run_does_not_count_when_another_was_quiet) {
  test::for_seeds(300, [](test::random_engine& random) {
    budget_search s({64, 128, 256, 512, 1024}, 3);
    const auto quiet = test::any_of(random, 0, 2);
    std::int64_t calls = 0;
    const auto answer = search(s, [&](std::size_t size) {
      const auto clean = 10'000.0 * (1 - std::exp(-static_cast<double>(size) / 100));
      const bool disturbed = calls++ / 5 != quiet;
      return disturbed ? clean / static_cast<double>(test::any_of(random, 2, 20)) : clean;
    });
    ASSERT_EQ(answer, 512u); // 1 - exp(-5.12) is 99.4 %, 1 - exp(-2.56) is 92.3 %
  });
}

TEST(budget_search_test, no_sizes_and_no_time_are_no_trouble) {
  budget_search none(std::vector<std::size_t>{});
  EXPECT_EQ(none.next(), std::nullopt);
  none.measured(1ms);
  EXPECT_EQ(none.best(), std::nullopt);
  budget_search instant({64, 128}, 1);
  EXPECT_TRUE(search(instant, [](std::size_t) { return 1e30; }).has_value());
}

} // namespace
} // namespace chalkstream

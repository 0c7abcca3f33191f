#include "core/credit.hpp"

#include "tests/support/seeds.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace chalkstream {
namespace {

TEST(credit_test, all_of_it_is_there_at_the_start) {
  const credit c(10, 100);
  EXPECT_EQ(c.available(), 10u);
  EXPECT_TRUE(c.idle());
}

TEST(credit_test, records_run_out) {
  credit c(2, 1000);
  c.take(1);
  EXPECT_EQ(c.available(), 1u);
  c.take(1);
  EXPECT_EQ(c.available(), 0u);
  c.give(1);
  EXPECT_EQ(c.available(), 1u);
}

TEST(credit_test, bytes_run_out_before_records) {
  credit c(100, 50);
  c.take(49);
  EXPECT_EQ(c.available(), 99u);
  c.take(1);
  EXPECT_EQ(c.available(), 0u);
  c.give(49);
  EXPECT_EQ(c.available(), 99u);
}

TEST(credit_test, a_record_larger_than_the_whole_limit_passes_when_it_is_alone) {
  credit c(100, 50);
  EXPECT_GT(c.available(), 0u);
  c.take(10'000);
  EXPECT_EQ(c.available(), 0u);
  c.give(10'000);
  EXPECT_EQ(c.available(), 100u);
}

TEST(credit_test, records_without_bytes_are_bounded_by_their_number_alone) {
  credit c(3, 0);
  c.take(0);
  EXPECT_EQ(c.available(), 0u) << "a byte limit of nothing lets one record in at a time";
  c.give(0);
  EXPECT_EQ(c.available(), 3u);
}

TEST(credit_test, giving_back_twice_stops_the_process) {
  credit c(3, 100);
  c.take(10);
  c.give(10);
  EXPECT_DEATH(c.give(10), "broken promise: credit given back twice");
}

TEST(credit_test, giving_back_more_than_was_taken_stops_the_process) {
  credit c(3, 100);
  c.take(10);
  EXPECT_DEATH(c.give(11), "credit given back twice");
}

TEST(credit_test, whoever_reads_only_what_is_available_stays_in_bounds_by_one_record) {
  test::for_seeds(200, [](test::random_engine& random) {
    const auto max_records = static_cast<std::size_t>(test::any_of(random, 1, 40));
    const auto max_bytes = static_cast<std::size_t>(test::any_of(random, 0, 2000));
    credit c(max_records, max_bytes);
    std::vector<std::size_t> inside;
    std::size_t bytes = 0;
    for (int step = 0; step < 500; ++step) {
      const bool may_read = c.available() > 0;
      if (may_read && test::any_of(random, 0, 1) == 0) {
        const auto size = static_cast<std::size_t>(test::any_of(random, 0, 500));
        ASSERT_TRUE(bytes < max_bytes || inside.empty());
        c.take(size);
        inside.push_back(size);
        bytes += size;
      } else if (!inside.empty()) {
        const auto at =
            static_cast<std::size_t>(test::any_of(random, 0, static_cast<std::int64_t>(inside.size()) - 1));
        c.give(inside[at]);
        bytes -= inside[at];
        inside.erase(inside.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        ASSERT_TRUE(may_read) << "an idle engine must be able to read";
      }
      ASSERT_LE(c.records(), max_records);
      ASSERT_EQ(c.records(), inside.size());
      ASSERT_EQ(c.bytes(), bytes);
    }
  });
}

} // namespace
} // namespace chalkstream

#include <algorithm>

#include <gtest/gtest.h>

#include "models/text/truncation.hpp"

namespace chalkstream::text {
namespace {

TEST(truncation_test, keeps_everything_that_fits) {
  for (const truncation cut : {truncation::longest_first, truncation::only_first, truncation::only_second}) {
    const auto kept = truncate(3, 4, true, cut, 7);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->first, 3U);
    EXPECT_EQ(kept->second, 4U);
  }
}

TEST(truncation_test, takes_from_the_longer_until_both_are_half_and_gives_the_odd_token_to_the_longer) {
  for (std::size_t first = 0; first <= 20; ++first)
    for (std::size_t second = 0; second <= 20; ++second)
      for (std::size_t limit = 1; limit <= 20; ++limit) {
        const auto kept = truncate(first, second, true, truncation::longest_first, limit);
        ASSERT_TRUE(kept);
        EXPECT_EQ(kept->first + kept->second, std::min(limit, first + second));
        EXPECT_LE(kept->first, first);
        EXPECT_LE(kept->second, second);
        if (first + second > limit) {
          EXPECT_GE(kept->first, std::min(first, limit / 2));
          EXPECT_GE(kept->second, std::min(second, limit / 2));
        }
        if (first > limit && second > limit && limit % 2 == 1) {
          EXPECT_EQ(kept->first > kept->second, first > second);
        }
      }
}

TEST(truncation_test, takes_from_the_named_text_alone_and_refuses_when_that_is_not_enough) {
  const auto kept = truncate(10, 4, true, truncation::only_first, 6);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->first, 2U);
  EXPECT_EQ(kept->second, 4U);
  EXPECT_EQ(truncate(10, 6, true, truncation::only_first, 6).error().code, errc::invalid_argument);
  EXPECT_EQ(truncate(6, 10, true, truncation::only_second, 6).error().code, errc::invalid_argument);
  EXPECT_EQ(truncate(10, 0, false, truncation::only_second, 6).error().code, errc::invalid_argument);
}

// The slices that Encoding::truncate of `tokenizers` 0.23 makes.
TEST(windows_test, overlap_by_the_stride_until_the_text_ends) {
  using ranges = std::vector<std::pair<std::size_t, std::size_t>>;
  EXPECT_EQ(windows(10, 4, 1), (ranges{{0, 4}, {3, 7}, {6, 10}}));
  EXPECT_EQ(windows(11, 4, 2), (ranges{{0, 4}, {2, 6}, {4, 8}, {6, 10}, {8, 11}}));
  EXPECT_EQ(windows(5, 4, 0), (ranges{{0, 4}, {4, 5}}));
  EXPECT_EQ(windows(4, 4, 3), (ranges{{0, 4}}));
  EXPECT_EQ(windows(0, 4, 3), (ranges{{0, 0}}));
}

} // namespace
} // namespace chalkstream::text

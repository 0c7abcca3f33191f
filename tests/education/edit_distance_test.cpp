// Characters that are wrong, missing or too many.
#include "education/measures/edit_distance.hpp"

#include <gtest/gtest.h>

namespace chalkstream::education::measures {
namespace {

TEST(edit_distance_test, counts_the_fewest_changes) {
  EXPECT_EQ(edit_distance(U"", U""), 0U);
  EXPECT_EQ(edit_distance(U"", U"abc"), 3U);
  EXPECT_EQ(edit_distance(U"abc", U""), 3U);
  EXPECT_EQ(edit_distance(U"kitten", U"sitting"), 3U);
  EXPECT_EQ(edit_distance(U"Saturday", U"Sunday"), 3U);
  EXPECT_EQ(edit_distance(U"ab", U"ba"), 2U);
  EXPECT_EQ(edit_distance(U"naïve", U"naive"), 1U);
}

} // namespace
} // namespace chalkstream::education::measures

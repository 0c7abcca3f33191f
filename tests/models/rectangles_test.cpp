#include "models/exported/rectangles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace chalkstream::models {
namespace {

using ::testing::ElementsAre;

std::vector<std::vector<std::size_t>> members(const std::vector<std::size_t>& lengths, const rectangle_rules& rules) {
  std::vector<std::vector<std::size_t>> all;
  for (const auto& each : rectangles(lengths, rules))
    all.push_back(each.members);
  return all;
}

TEST(rectangles_test, puts_like_lengths_together_longest_first) {
  EXPECT_THAT(members({5, 40, 39, 5, 38}, {}), ElementsAre(ElementsAre(1, 2, 4), ElementsAre(0, 3)));
  EXPECT_TRUE(rectangles({}, {}).empty());
}

TEST(rectangles_test, holds_every_sequence_once_and_little_padding) {
  std::mt19937 random{5};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::size_t> lengths(random() % 60);
    for (auto& length : lengths)
      length = 1 + random() % 128;
    std::vector<std::size_t> seen;
    for (const auto& each : rectangles(lengths, {})) {
      std::size_t held = 0;
      for (const auto i : each.members) {
        EXPECT_LE(lengths[i], each.tokens);
        held += lengths[i];
        seen.push_back(i);
      }
      EXPECT_EQ(each.rows, each.members.size());
      EXPECT_LE((each.rows * each.tokens - held) * 8, each.rows * each.tokens);
    }
    std::sort(seen.begin(), seen.end());
    std::vector<std::size_t> all(lengths.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = i;
    EXPECT_EQ(seen, all);
  }
}

TEST(rectangles_test, never_pads_without_a_mask) {
  rectangle_rules rules;
  rules.masked = false;
  rules.least_tokens = 2;
  const std::vector<std::size_t> lengths{9, 8, 9, 1};
  EXPECT_THAT(members(lengths, rules), ElementsAre(ElementsAre(0, 2), ElementsAre(1), ElementsAre(3)));
  EXPECT_EQ(rectangles(lengths, rules).back().tokens, 1U);
}

TEST(rectangles_test, keeps_to_the_sizes_a_program_was_exported_for) {
  rectangle_rules rules;
  rules.fixed_rows = 2;
  rules.fixed_tokens = 16;
  const std::vector<std::size_t> lengths{3, 16, 4};
  for (const auto& each : rectangles(lengths, rules)) {
    EXPECT_EQ(each.rows, 2U);
    EXPECT_EQ(each.tokens, 16U);
  }
  EXPECT_THAT(members(lengths, rules), ElementsAre(ElementsAre(1, 2), ElementsAre(0)));
  rules = {};
  rules.least_rows = rules.least_tokens = 2;
  const auto lone = rectangles(std::vector<std::size_t>{1}, rules);
  ASSERT_EQ(lone.size(), 1U);
  EXPECT_EQ(lone[0].rows, 2U);
  EXPECT_EQ(lone[0].tokens, 2U);
}

} // namespace
} // namespace chalkstream::models

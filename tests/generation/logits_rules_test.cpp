#include "models/generation/logits_rules.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace chalkstream::models {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr float never = -std::numeric_limits<float>::infinity();

std::vector<float> narrowed(const generation_config& rules, std::vector<float> row) {
  narrow(rules, row);
  return row;
}

TEST(logits_rules_test, log_softmax_sums_to_one_and_leaves_a_row_of_nothing) {
  std::vector<float> row{1, 2, 3, never, 1000};
  log_softmax(row);
  double sum = 0;
  for (const auto x : row)
    sum += std::exp(x);
  EXPECT_NEAR(sum, 1, 1e-6);
  EXPECT_EQ(row[3], never);
  row.assign(3, never);
  log_softmax(row);
  EXPECT_THAT(row, ElementsAre(never, never, never));
}

TEST(logits_rules_test, a_log_probability_is_what_log_softmax_makes_of_a_logit) {
  std::vector<float> row{1, 2, 3, never, 2.5f, 3};
  auto whole = row;
  log_softmax(whole);
  for (std::size_t i = 0; i < row.size(); ++i)
    EXPECT_EQ(log_probability(row, i), whole[i]);
  EXPECT_EQ(log_probability(std::vector<float>(3, never), 1), never);
}

TEST(logits_rules_test, of_equals_the_first_is_the_most_probable) {
  std::vector<float> row(100, 1);
  row[40] = row[70] = 2;
  EXPECT_EQ(most_probable(row), 40U);
  EXPECT_EQ(most_probable(std::vector<float>(3, never)), 0U);
}

TEST(logits_rules_test, top_k_keeps_the_largest_and_their_equals) {
  generation_config rules;
  rules.top_k = 2;
  EXPECT_THAT(narrowed(rules, {1, 3, 2, 2, 0}), ElementsAre(never, 3, 2, 2, never));
  rules.top_k = 0;
  EXPECT_THAT(narrowed(rules, {1, 3}), ElementsAre(1, 3));
  rules.top_k = 9;
  EXPECT_THAT(narrowed(rules, {1, 3}), ElementsAre(1, 3));
}

TEST(logits_rules_test, top_p_keeps_the_most_probable_that_reach_it_and_at_least_one) {
  generation_config rules;
  const std::vector<float> row{std::log(0.1F), std::log(0.5F), std::log(0.15F), std::log(0.25F)};
  rules.top_p = 0.7;
  EXPECT_THAT(narrowed(rules, row), ElementsAre(never, row[1], never, row[3]));
  rules.top_p = 0.8;
  EXPECT_THAT(narrowed(rules, row), ElementsAre(never, row[1], row[2], row[3]));
  rules.top_p = 0;
  EXPECT_THAT(narrowed(rules, row), ElementsAre(never, row[1], never, never));
  rules.beams = 2; // one that ends and one that goes on
  rules.ends = {0};
  EXPECT_THAT(narrowed(rules, row), ElementsAre(never, row[1], never, row[3]));
}

TEST(logits_rules_test, temperature_divides) {
  generation_config rules;
  rules.temperature = 2;
  EXPECT_THAT(narrowed(rules, {1, -4}), Pointwise(FloatNear(1e-6F), {0.5F, -2.0F}));
}

} // namespace
} // namespace chalkstream::models

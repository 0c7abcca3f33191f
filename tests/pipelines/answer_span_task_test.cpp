#include "pipelines/answer_span.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace chalkstream::pipelines {
namespace {

// Start and end logits of each token, by token.
using logits = std::vector<float>;
using range = std::pair<std::size_t, std::size_t>;

span_choice choose(const logits& given, range passage, std::size_t longest = 30) {
  const span_window one[] = {{given, passage}};
  const auto made = choose_span(one, longest);
  EXPECT_TRUE(made);
  return made.value_or(span_choice{});
}

TEST(answer_span_test, is_the_likeliest_start_and_end_in_order) {
  // The likeliest end lies before the likeliest start, so it cannot be its end.
  const auto best = choose({0, 0, /**/ 1, 5, /**/ 4, 0, /**/ 0, 3, /**/ 0, 0}, {1, 5}).best;
  ASSERT_TRUE(best);
  EXPECT_EQ(best->first, 2u);
  EXPECT_EQ(best->last, 3u);
}

TEST(answer_span_test, scores_by_probabilities_over_the_passage_and_the_first_token) {
  const auto [best, no_answer] = choose({1, 2, /**/ 9, 9, /**/ 3, 0, /**/ 0, 2}, {2, 4});
  ASSERT_TRUE(best);
  EXPECT_EQ(best->first, 2u);
  EXPECT_EQ(best->last, 3u);
  const double starts = std::exp(1) + std::exp(3) + std::exp(0);
  const double ends = std::exp(2) + std::exp(0) + std::exp(2);
  EXPECT_NEAR(best->score, std::exp(3) / starts * (std::exp(2) / ends), 1e-12);
  EXPECT_NEAR(no_answer, std::exp(1) / starts * (std::exp(2) / ends), 1e-12);
}

TEST(answer_span_test, lies_in_the_passage_and_is_not_longer_than_allowed) {
  const auto best = choose({0, 0, /**/ 50, 50, /**/ 3, 0, /**/ 0, 1, /**/ 0, 2, /**/ 50, 50}, {2, 5}, 2).best;
  ASSERT_TRUE(best);
  EXPECT_EQ(best->first, 2u);
  EXPECT_EQ(best->last, 3u);
}

TEST(answer_span_test, is_nothing_in_an_empty_passage) {
  EXPECT_FALSE(choose({1, 1, 1, 1}, {2, 2}).best);
  EXPECT_FALSE(choose({}, {0, 0}).best);
  EXPECT_FALSE(choose_span({}, 30)->best);
}

TEST(answer_span_test, has_no_answer_of_numbers_that_are_none) {
  const logits broken{0, 0, std::nanf(""), 1}, few{0, 0};
  const span_window windows[] = {{broken, {1, 2}}}, short_of[] = {{few, {0, 2}}};
  EXPECT_FALSE(choose_span(windows, 30));
  EXPECT_FALSE(choose_span(short_of, 30));
}

// Two windows over the tokens 0 to 3 of a passage, of which both see 1 and 2.
TEST(answer_span_test, chooses_among_windows_by_logits_and_counts_what_both_see_once) {
  const logits left{5, 4, /**/ 1, 0, /**/ 2, 1, /**/ 0, 2};
  const logits right{1, 1, /**/ 0, 0, /**/ 4, 3, /**/ 1, 0};
  const span_window windows[] = {{left, {1, 4}, 0}, {right, {1, 4}, 1}};
  const auto made = choose_span(windows, 30);
  ASSERT_TRUE(made && made->best);
  EXPECT_EQ(made->best->window, 1u);
  EXPECT_EQ(made->best->first, 2u);
  EXPECT_EQ(made->best->last, 2u);
  // Token 1: 2 and 1 on the left, 0 and 0 on the right. Token 2: 0 and 2, 4 and 3. The right is less sure of nothing.
  const double starts = std::exp(1) + std::exp(2) + std::exp(4) + std::exp(1) + std::exp(1);
  const double ends = std::exp(0) + std::exp(1) + std::exp(3) + std::exp(0) + std::exp(1);
  EXPECT_NEAR(made->best->score, std::exp(4) / starts * (std::exp(3) / ends), 1e-12);
  EXPECT_NEAR(made->no_answer, std::exp(1) / starts * (std::exp(1) / ends), 1e-12);
}

TEST(answer_span_test, a_short_last_window_does_not_win_by_being_short) {
  // Softmax of each window alone would give the lone token of the second nearly everything.
  const logits left{-9, -9, /**/ 3, 3, /**/ 2, 2, /**/ 2, 2, /**/ 2, 2};
  const logits right{-9, -9, /**/ 1, 1};
  const span_window windows[] = {{left, {1, 5}, 0}, {right, {1, 2}, 4}};
  EXPECT_EQ(choose_span(windows, 1)->best->window, 0u);
}

} // namespace
} // namespace chalkstream::pipelines

#include "pipelines/tools/answer_span.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace chalkstream::pipelines::tools {
namespace {

// Start and end logits of each token, by token.
using logits = std::vector<float>;

TEST(answer_span_test, is_the_likeliest_start_and_end_in_order) {
  // The likeliest end lies before the likeliest start, so it cannot be its end.
  const logits given{0, 0, /**/ 1, 5, /**/ 4, 0, /**/ 0, 3, /**/ 0, 0};
  const auto best = best_span(given, {1, 5});
  ASSERT_TRUE(best);
  EXPECT_EQ(best->first, 2u);
  EXPECT_EQ(best->last, 3u);
}

TEST(answer_span_test, scores_by_probabilities_over_the_passage_and_the_first_token) {
  const logits given{1, 2, /**/ 9, 9, /**/ 3, 0, /**/ 0, 2};
  const auto best = best_span(given, {2, 4});
  ASSERT_TRUE(best);
  EXPECT_EQ(best->first, 2u);
  EXPECT_EQ(best->last, 3u);
  const double start = std::exp(3) / (std::exp(1) + std::exp(3) + std::exp(0));
  const double end = std::exp(2) / (std::exp(2) + std::exp(0) + std::exp(2));
  EXPECT_NEAR(best->score, start * end, 1e-12);
}

TEST(answer_span_test, lies_in_the_passage_and_is_not_longer_than_allowed) {
  const logits given{0, 0, /**/ 50, 50, /**/ 3, 0, /**/ 0, 1, /**/ 0, 2, /**/ 50, 50};
  const auto best = best_span(given, {2, 5}, 2);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->first, 2u);
  EXPECT_EQ(best->last, 3u);
}

TEST(answer_span_test, is_nothing_in_an_empty_passage) {
  EXPECT_FALSE(best_span(logits{1, 1, 1, 1}, {2, 2}));
  EXPECT_FALSE(best_span(logits{}, {0, 0}));
}

TEST(answer_span_test, offsets_count_code_points) {
  EXPECT_EQ(code_points("año nuevo", 0, 3), "año");
  EXPECT_EQ(code_points("水が氷る", 1, 3), "が氷");
  EXPECT_EQ(code_points("ab", 1, 9), "b");
  EXPECT_EQ(code_points("ab", 2, 2), "");
  EXPECT_EQ(code_points("ab", 5, 2), "");
}

} // namespace
} // namespace chalkstream::pipelines::tools

// What graded answers to the same question say about a new one, and that the verdict rests on them.
#include "education/graded_answers.hpp"

#include "education/short_answer.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace chalkstream::education {
namespace {

constexpr auto reference = "The seed needs water to grow.";

embedded_text made(std::string text) {
  auto analysis = analyse(text);
  return {std::move(text), std::move(analysis), {1, 0}};
}

/// Ten answers: five that speak of rain are right, five that speak of music are wrong.
class graded_answers_test : public testing::Test {
protected:
  graded_answers_test() {
    for (int i = 0; i < 10; ++i)
      texts.push_back(made((i % 2 ? "loud music makes it happy " : "rain makes it sprout ") + std::to_string(i)));
    for (std::size_t i = 0; i < texts.size(); ++i)
      all.push_back({&texts[i], i % 2 ? answer_class::incorrect : answer_class::correct});
  }

  judgement judged(std::string answer, std::span<const graded_text> graded) const {
    const auto wanted = make_reference(reference, {1, 0});
    const reference_answer* references[] = {&wanted};
    return judge(made(std::move(answer)), references, {.graded = graded, .read = {}});
  }

  std::vector<embedded_text> texts;
  std::vector<graded_text> all;
};

TEST_F(graded_answers_test, a_score_alone_is_right_from_three_quarters_on) {
  EXPECT_EQ(class_of({"a", "", 3.0}, 4), answer_class::correct);
  EXPECT_EQ(class_of({"a", "", 2.9}, 4), answer_class::incorrect);
  EXPECT_EQ(class_of({"a", "contradictory", 4.0}, 4), answer_class::contradictory) << "a label goes before a score";
  EXPECT_EQ(class_of({"a", "non_domain", {}}, 4), answer_class::incorrect);
}

TEST_F(graded_answers_test, the_most_alike_is_found) {
  EXPECT_EQ(compare(made("rain makes it sprout 4"), all).nearest, 4u);
  EXPECT_EQ(compare(made("loud music makes it happy 7"), all).nearest, 7u);
}

TEST_F(graded_answers_test, an_answer_like_right_ones_is_believed_more_than_one_like_wrong_ones) {
  const auto right = judged("the rain makes it sprout", all);
  const auto wrong = judged("the loud music makes it happy", all);
  EXPECT_GT(right.probabilities[0], wrong.probabilities[0] + 0.2);
  ASSERT_TRUE(right.graded && wrong.graded);
  EXPECT_EQ(*right.graded % 2, 0u);
  EXPECT_EQ(*wrong.graded % 2, 1u);
}

TEST_F(graded_answers_test, few_or_of_one_class_they_do_not_count) {
  const auto alone = judged("the rain makes it sprout", {});
  const auto few = judged("the rain makes it sprout", std::span{all}.first(fewest_graded - 1));
  EXPECT_FALSE(few.graded);
  EXPECT_EQ(few.probabilities, alone.probabilities);
  for (auto& one : all)
    one.verdict = answer_class::correct;
  EXPECT_FALSE(judged("the rain makes it sprout", all).graded);
}

TEST_F(graded_answers_test, features_are_finite_whatever_the_texts) {
  texts[0].embedding = {std::nanf(""), 1};
  texts[1] = {};
  for (const auto& answer : {made(""), made("?! \u200b"), made(std::string(5000, 'x'))})
    for (auto x : compare(answer, all).features)
      EXPECT_TRUE(std::isfinite(x));
}

} // namespace
} // namespace chalkstream::education

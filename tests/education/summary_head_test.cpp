#include "education/summary_head.hpp"

#include <cmath>
#include <gmock/gmock.h>

namespace chalkstream::education {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string_view> texts = {"Rivers carry water", "In short, the water cuts valleys.", "The water."};

/// Three sentences at right angles to each other but for the third, which points where the second does.
embedded_document three() {
  embedded_document all;
  all.width = 2;
  all.sentences = {{1, 0, 0, 1, 0, 1}, {5, 5, 5}};
  all.windows = {{0, 1}, {15}};
  all.ended = {false, true, true};
  return all;
}

double number(const sentence_features& of, std::string_view name) {
  for (std::size_t i = 0; i < sentence_feature_names.size(); ++i)
    if (sentence_feature_names[i] == name)
      return double{of.numbers[i]};
  ADD_FAILURE() << "there is no feature " << name;
  return 0;
}

TEST(summary_head_test, sees_where_a_sentence_stands_and_how_long_it_is) {
  const auto seen = features_of(three(), texts);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(number(seen[0], "first"), 1);
  EXPECT_EQ(number(seen[1], "second"), 1);
  EXPECT_EQ(number(seen[1], "place"), 0.5);
  EXPECT_EQ(number(seen[1], "place_squared"), 0.25);
  EXPECT_EQ(number(seen[2], "last"), 1);
  EXPECT_EQ(number(seen[0], "ended"), 0);
  EXPECT_EQ(number(seen[2], "ended"), 1);
  EXPECT_NEAR(number(seen[1], "words"), std::log(7), 1e-6);
  EXPECT_NEAR(number(seen[1], "share"), 6.0 / 11, 1e-6);
  EXPECT_NEAR(number(seen[2], "short"), 13.0 / 15, 1e-6);
  EXPECT_EQ(number(seen[2], "long"), 0);
}

TEST(summary_head_test, sees_how_near_a_sentence_is_to_the_others_and_to_the_whole) {
  const auto seen = features_of(three(), texts);
  EXPECT_NEAR(number(seen[0], "near_sentences"), 1 / std::sqrt(5), 1e-6);
  EXPECT_EQ(number(seen[0], "near_others"), 0);
  EXPECT_EQ(number(seen[1], "near_others"), 0.5);
  EXPECT_EQ(number(seen[1], "near_previous"), 0);
  EXPECT_EQ(number(seen[1], "near_next"), 1);
  EXPECT_EQ(number(seen[2], "near_next"), 0);
  EXPECT_EQ(number(seen[1], "near_windows"), 1);
  EXPECT_NEAR(number(seen[1], "near_windows_of_text"), 1.0 / 3, 1e-6);
  EXPECT_NEAR(number(seen[0], "nearer"), 2.0 / 3, 1e-6);
  EXPECT_EQ(number(seen[1], "nearer"), 0);
}

TEST(summary_head_test, sees_words_in_lower_case_alone_in_pairs_and_at_the_beginning) {
  const auto seen = features_of(three(), texts);
  EXPECT_THAT(seen[2].phrases, ElementsAre("^ the", "the", "the water", "water"));
  EXPECT_NEAR(number(seen[2], "shared_words"), (2.0 / 3 + 1) / 2, 1e-6);
  EXPECT_NEAR(number(seen[2], "repeated_words"), (std::log(2) + std::log(3)) / 2, 1e-6);
}

TEST(summary_head_test, has_finite_numbers_for_texts_without_words_or_neighbours) {
  embedded_document all;
  all.width = 1;
  all.sentences = {{1}, {0}};
  all.ended = {false};
  const std::vector<std::string_view> nothing = {"\xE2\x80\xA6"};
  const auto seen = features_of(all, nothing);
  EXPECT_THAT(seen.at(0).numbers, Each(testing::Truly([](float x) { return std::isfinite(x); })));
  EXPECT_THAT(seen[0].phrases, IsEmpty());
  EXPECT_THAT(features_of({}, {}), IsEmpty());
}

TEST(summary_head_test, a_score_is_the_sum_of_what_the_sentence_has) {
  summary_head head;
  head.phrases = {"^ in", "in short", "water"};
  head.phrase_weights = {1, 2, 4};
  head.feature_weights[0] = 8; // place
  head.bias = 16;
  EXPECT_THAT(learnt_scores(head, three(), texts), ElementsAre(16 + 4, 16 + 1 + 2 + 4 + 4, 16 + 4 + 8));
}

TEST(summary_head_test, repeating_costs_as_much_as_the_unit_says) {
  const auto all = three();
  const std::vector<double> scores = {0.1, 0.3, 0.2};
  const auto second = [&](double unit) {
    const auto choice = choose_sentences(all, scores, {2, 0.3, unit});
    return choice.sentences.at(0).index == 0 ? 0 : 2;
  };
  EXPECT_EQ(second(0), 2);
  EXPECT_EQ(second(1), 0);
}

} // namespace
} // namespace chalkstream::education

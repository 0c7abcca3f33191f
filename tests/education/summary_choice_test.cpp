#include "education/summary_choice.hpp"

#include <cmath>
#include <gmock/gmock.h>

namespace chalkstream::education {
namespace {

using testing::ElementsAre;

void add(embedded_rows& rows, double degrees, std::size_t tokens) {
  rows.vectors.push_back(static_cast<float>(std::cos(degrees * M_PI / 180)));
  rows.vectors.push_back(static_cast<float>(std::sin(degrees * M_PI / 180)));
  rows.tokens.push_back(tokens);
}

/// Sentences of equal length that end as such, from directions in the plane (degrees), in a text that points to 0.
embedded_document at_angles(const std::vector<double>& degrees) {
  embedded_document all;
  all.width = 2;
  for (const auto d : degrees) {
    add(all.sentences, d, 25);
    all.ended.push_back(true);
  }
  add(all.windows, 0, 100);
  return all;
}

summary_choice choose(const embedded_document& all, std::size_t wanted, double diversity) {
  return choose_sentences(all, sentence_scores(all), {wanted, diversity});
}

std::vector<std::size_t> indices(const summary_choice& choice) {
  std::vector<std::size_t> list;
  for (const auto& s : choice.sentences)
    list.push_back(s.index);
  return list;
}

TEST(summary_choice_test, takes_what_is_nearest_to_the_whole) {
  const auto all = at_angles({80, 20, 60, -90, 0});
  EXPECT_THAT(indices(choose(all, 1, 0)), ElementsAre(4));
  EXPECT_THAT(indices(choose(all, 2, 0)), ElementsAre(1, 4)) << "in the order of the text";
}

TEST(summary_choice_test, does_not_say_the_same_twice_where_diversity_is_asked_for) {
  const auto all = at_angles({0, 0, 0, 50, -2});
  EXPECT_THAT(indices(choose(all, 2, 0)), testing::Not(testing::Contains(3u)));
  EXPECT_THAT(indices(choose(all, 2, 0.6)), testing::Contains(3u));
}

TEST(summary_choice_test, weighs_windows_by_their_length) {
  auto all = at_angles({0, 90});
  add(all.windows, 90, 25);
  EXPECT_THAT(indices(choose(all, 1, 0)), ElementsAre(0));
  add(all.windows, 90, 400);
  EXPECT_THAT(indices(choose(all, 1, 0)), ElementsAre(1));
}

TEST(summary_choice_test, prefers_no_heading_no_scrap_and_no_monster) {
  const auto with = [](std::size_t tokens, bool ended) {
    auto all = at_angles({30, 0, 60});
    all.sentences.tokens[1] = tokens;
    all.ended[1] = ended;
    return indices(choose(all, 1, 0));
  };
  EXPECT_THAT(with(25, true), ElementsAre(1));
  EXPECT_THAT(with(25, false), ElementsAre(0));
  EXPECT_THAT(with(100, true), ElementsAre(0));
  auto near = at_angles({15, 0});
  near.sentences.tokens[1] = 3;
  EXPECT_THAT(indices(choose(near, 1, 0)), ElementsAre(0));
}

TEST(summary_choice_test, says_how_much_of_the_whole_it_covers) {
  EXPECT_NEAR(choose(at_angles({40, -40}), 2, 0.3).coverage, 1, 1e-6);
  EXPECT_NEAR(choose(at_angles({60, 90}), 1, 0.3).coverage, 0.5, 1e-6);
  EXPECT_EQ(choose(at_angles({170}), 1, 0.3).coverage, 0);
  EXPECT_THAT(indices(choose(at_angles({0, 40, 80}), 9, 1)), ElementsAre(0, 1, 2));
}

TEST(summary_choice_test, survives_texts_without_a_direction) {
  auto opposite = at_angles({0, 180});
  add(opposite.windows, 180, 100);
  EXPECT_EQ(choose(opposite, 1, 0.3).sentences.size(), 1u);
  EXPECT_TRUE(choose({}, 3, 0.3).sentences.empty());
}

} // namespace
} // namespace chalkstream::education

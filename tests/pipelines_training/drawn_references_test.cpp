// Rows beside references that are drawn: which texts may come, and that the seed alone decides.
#include "pipelines/tools/training/drawn_references.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <set>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::HasSubstr;

class drawn_references_test : public training_fixture {
protected:
  example_set rows(std::string_view text) {
    auto read = read_examples({write("rows.jsonl", text)}, {recipe::pair, false, {}});
    EXPECT_TRUE(read) << read.error().message;
    return std::move(read).value();
  }

  static std::vector<std::pair<std::string, std::string>> pairs_of(const example_set& set) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& example : set.examples)
      all.emplace_back(example.text, *example.pair);
    return all;
  }

  static constexpr auto answers = R"({"text":"rain","pair":["water","moisture"],"label":"correct"}
{"text":"a shower","pair":["water","moisture"],"label":"correct"}
{"text":"music","pair":["water","moisture"],"label":"incorrect"}
{"text":"two","pair":["four"],"label":"correct"})";
};

TEST_F(drawn_references_test, each_row_meets_references_and_right_answers_to_its_own_question) {
  const auto drawn = draw_references(rows(answers), 200, 3);
  ASSERT_TRUE(drawn) << drawn.error().message;
  ASSERT_EQ(drawn->examples.size(), 800u);
  std::set<std::string> beside_music, beside_rain, beside_two;
  std::size_t changed_over = 0;
  for (const auto& [text, pair] : pairs_of(*drawn)) {
    changed_over += pair == "music";
    if (text == "music" || pair == "music")
      beside_music.insert(text == "music" ? pair : text);
    else if (text == "two" || pair == "two")
      beside_two.insert(text == "two" ? pair : text);
    else if (text == "rain")
      beside_rain.insert(pair);
  }
  EXPECT_EQ(beside_music, (std::set<std::string>{"water", "moisture", "rain", "a shower"}));
  EXPECT_EQ(beside_rain, (std::set<std::string>{"water", "moisture", "a shower"})) << "never beside itself";
  EXPECT_EQ(beside_two, (std::set<std::string>{"four"}));
  EXPECT_NEAR(static_cast<double>(changed_over), 50, 25) << "one in four";
}

TEST_F(drawn_references_test, the_seed_decides_and_nothing_else) {
  const auto once = draw_references(rows(answers), 5, 7), again = draw_references(rows(answers), 5, 7),
             other = draw_references(rows(answers), 5, 8);
  ASSERT_TRUE(once && again && other);
  EXPECT_EQ(pairs_of(*once), pairs_of(*again));
  EXPECT_NE(pairs_of(*once), pairs_of(*other));
}

TEST_F(drawn_references_test, a_row_without_a_list_is_named) {
  const auto drawn = draw_references(rows(R"({"text":"a","pair":"b","label":"correct"})"), 2, 0);
  ASSERT_FALSE(drawn);
  EXPECT_THAT(told(drawn.error()), HasSubstr("rows.jsonl:1: has one text beside the answer"));
}

} // namespace
} // namespace chalkstream::pipelines::tools

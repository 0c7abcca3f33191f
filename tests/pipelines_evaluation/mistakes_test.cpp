// What is wrong with the files, and word for word what a person is told.
#include "tests/pipelines_evaluation/evaluation_fixture.hpp"

namespace chalkstream::pipelines::tools {
namespace {

class evaluation_mistakes_test : public evaluation_fixture {};

constexpr std::string_view two_labels = "{\"id\":1,\"label\":\"a\"}\n{\"id\":2,\"label\":\"b\"}\n";

TEST_F(evaluation_mistakes_test, ids_on_one_side_alone_are_named_with_their_lines) {
  EXPECT_EQ(
      told(evaluated_task::classify, "\n{\"id\":1,\"label\":\"a\"}\n{\"id\":\"2\",\"label\":\"b\"}", two_labels),
      "p:3: no reference has this id\n"
      "r:2: no prediction has this id");
}

TEST_F(evaluation_mistakes_test, an_id_twice_names_both_lines) {
  EXPECT_EQ(told(evaluated_task::classify, two_labels,
                 "{\"id\":1,\"label\":\"a\"}\n{\"id\":2,\"label\":\"b\"}\n{\"label\":\"c\",\"id\":1}\n"),
            "r:3: the id of line 1 again");
}

TEST_F(evaluation_mistakes_test, every_malformed_line_is_named_at_once) {
  EXPECT_EQ(told(evaluated_task::classify,
                 "{\"id\":1,\"label\":\"a\",\"confidence\":1.5}\n{\"id\":2}\n[1]\n{\"id\":[],\"label\":\"a\"}\n",
                 "{\"id\":1,\"label\":{}}\n{\"label\":1}\n"),
            "p:1: `confidence` must be a number from 0 to 1\n"
            "p:2: `label` must be a string, a number or a boolean\n"
            "p:3: not a JSON object: The JSON element does not have the requested type.\n"
            "p:4: `id` must be a string or a number\n"
            "r:1: `label` must be a string, a number or a boolean\n"
            "r:2: `id` must be a string or a number");
  EXPECT_THAT(told(evaluated_task::classify, "{\"id\":1,\"label\":\"\xFF\"}\n", two_labels),
              testing::StartsWith("p:1: not a JSON object: "));
}

TEST_F(evaluation_mistakes_test, beyond_twenty_they_are_counted) {
  std::string many;
  for (int i = 0; i < 25; ++i)
    many += "nonsense\n";
  const auto message = told(evaluated_task::span, many, many);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 20);
  EXPECT_THAT(message, testing::EndsWith("\nand 30 more like these"));
}

TEST_F(evaluation_mistakes_test, files_without_lines_and_files_that_are_not_there_are_told_apart) {
  EXPECT_EQ(told(evaluated_task::span, "", "\n"), "p and r have no lines");
  evaluation_settings nowhere;
  nowhere.predictions = "/nowhere/p";
  const auto made = evaluate(nowhere);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::not_found);
  EXPECT_EQ(made.error().message, "/nowhere/p cannot be opened");
}

TEST_F(evaluation_mistakes_test, a_confidence_is_on_all_lines_or_on_none) {
  EXPECT_EQ(told(evaluated_task::classify,
                 "{\"id\":1,\"label\":\"a\",\"confidence\":1}\n{\"id\":2,\"label\":\"b\"}\n", two_labels),
            "p:2: no `confidence`, which other lines have");
}

TEST_F(evaluation_mistakes_test, a_label_is_on_the_scale_if_there_is_one) {
  evaluation_settings settings;
  settings.scale = {"a", "c"};
  EXPECT_EQ(told(evaluated_task::classify, two_labels, two_labels, settings), "p:2: `label` is not on the scale\n"
                                                                              "r:2: `label` is not on the scale");
}

TEST_F(evaluation_mistakes_test, a_subgroup_is_on_every_row) {
  evaluation_settings settings;
  settings.group = "lang";
  EXPECT_EQ(told(evaluated_task::classify, "{\"id\":1,\"label\":\"a\",\"lang\":\"de\"}\n{\"id\":2,\"label\":\"b\"}\n",
                 two_labels, settings),
            "r:2: `lang` is missing, here and in the prediction");
  EXPECT_EQ(told(evaluated_task::classify, two_labels, "{\"id\":1,\"label\":\"a\",\"lang\":[]}\n", settings),
            "r:1: `lang` must be a string, a number or a boolean to be a subgroup");
}

TEST_F(evaluation_mistakes_test, ids_are_no_subgroups) {
  std::string many;
  for (std::size_t i = 0; i <= most_groups; ++i)
    many += "{\"id\":" + std::to_string(i) + ",\"answer\":\"x\"}\n";
  evaluation_settings settings;
  settings.group = "id";
  EXPECT_EQ(told(evaluated_task::span, many, many, settings),
            "`id` has 1001 different values; more than 1000 are no subgroups");
}

TEST_F(evaluation_mistakes_test, traits_are_the_same_on_every_line) {
  EXPECT_EQ(told(evaluated_task::regress, "{\"id\":1,\"score\":{\"b\":1,\"a\":2}}\n{\"id\":2,\"score\":1}\n",
                 "{\"id\":1,\"score\":{\"a\":1,\"b\":2}}\n{\"id\":2,\"score\":{\"a\":1,\"b\":2}}\n"),
            "p:2: not the traits of the first reference");
  EXPECT_EQ(told(evaluated_task::regress, "{\"id\":1,\"score\":\"5\"}\n", "{\"id\":1,\"score\":{\"a\":\"x\"}}\n"),
            "p:1: `score` must be a number, or an object with a number for each trait\n"
            "r:1: every trait of `score` must be a number");
}

TEST_F(evaluation_mistakes_test, texts_are_texts) {
  EXPECT_EQ(told(evaluated_task::translation, "{\"id\":1,\"references\":[\"x\"]}\n",
                 "{\"id\":1,\"references\":[]}\n{\"id\":2,\"references\":[1]}\n{\"id\":3,\"references\":\"x\"}\n"),
            "p:1: `text` must be a string\n"
            "r:1: `references` is empty\n"
            "r:2: `references` must be an array of strings\n"
            "r:3: `references` must be an array of strings");
}

} // namespace
} // namespace chalkstream::pipelines::tools

// What recipes read from rows, the parts made of them, and every mistake that is found before anything starts.
#include "pipelines/tools/training/split.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <set>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class examples_test : public training_fixture {
protected:
  result<example_set> read_rows(recipe what, std::string_view rows, column_names columns = {}, bool scores = false,
                                const std::string& name = "rows.jsonl") {
    return read_examples({write(name, rows)}, {what, scores, std::move(columns)});
  }

  std::string wrong(recipe what, std::string_view rows, column_names columns = {}) {
    const auto read = read_rows(what, rows, std::move(columns));
    return read ? "nothing is wrong" : told(read.error());
  }
};

TEST_F(examples_test, a_recipe_nobody_knows_is_named_with_those_there_are) {
  EXPECT_THAT(
      recipe_from("classifi").error().message,
      AllOf(HasSubstr("no recipe 'classifi'; did you mean 'classify'?"), HasSubstr("classify, regress, pair, span")));
}

TEST_F(examples_test, labels_are_ordered_as_numbers_or_as_text) {
  const auto numbers = read_rows(recipe::classify, "text,label\na,10\nb,9\nc,10\n", {}, false, "rows.csv");
  ASSERT_TRUE(numbers) << numbers.error().message;
  EXPECT_THAT(*labels_of(*numbers), ElementsAre("9", "10"));
  const auto texts =
      read_rows(recipe::classify, "{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":\"a\",\"label\":\"a\"}");
  EXPECT_THAT(*labels_of(*texts), ElementsAre("a", "b"));
}

TEST_F(examples_test, scores_are_columns_or_members_of_one) {
  const auto members = read_rows(recipe::regress, R"({"text":"a","score":{"wording":1,"content":2}})");
  ASSERT_TRUE(members) << members.error().message;
  EXPECT_THAT(members->traits, ElementsAre("content", "wording"));
  EXPECT_THAT(members->examples[0].scores, ElementsAre(2, 1));
  column_names named;
  named.goals = {"wording", "content"};
  const auto columns = read_rows(recipe::regress, "text,content,wording\na,1.5,-2\n", named, false, "rows.csv");
  ASSERT_TRUE(columns) << columns.error().message;
  EXPECT_THAT(columns->traits, ElementsAre("wording", "content"));
  EXPECT_THAT(columns->examples[0].scores, ElementsAre(-2, 1.5));
}

TEST_F(examples_test, an_answer_is_where_it_is_said_to_be_or_found) {
  const auto read = read_rows(recipe::span, R"({"text":"who","pair":"ä the cat","answer":"cat","start":6})"
                                            "\n"
                                            R"({"text":"who","pair":"ä the cat","answer":"the"})"
                                            "\n"
                                            R"({"text":"who","pair":"the cat","answer":null})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->examples[0].answer_start, 6U);
  EXPECT_EQ(read->examples[1].answer_start, 2U);
  EXPECT_TRUE(read->examples[2].answers.empty());
}

TEST_F(examples_test, of_several_references_the_nearest_in_words_is_learnt_from) {
  const auto read = read_rows(
      recipe::pair, R"({"text":"it pulls charges","pair":["water boils","opposite charges attract"],"label":"correct"})"
                    "\n"
                    R"({"text":"water","pair":"heat","label":"incorrect"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->examples[0].pair, "opposite charges attract");
  EXPECT_EQ(read->examples[1].pair, "heat");
  EXPECT_THAT(wrong(recipe::pair, R"({"text":"a","pair":[],"label":"b"})"), HasSubstr("`pair` is an empty list"));
  EXPECT_THAT(wrong(recipe::span, R"({"text":"a","pair":["the cat"],"answer":"cat"})"), HasSubstr("must be a text"));
}

TEST_F(examples_test, a_column_that_is_not_there_is_named_with_those_there_are) {
  column_names named;
  named.goals = {"labell"};
  EXPECT_THAT(
      wrong(recipe::classify, R"({"text":"a","label":"b"})", named),
      AllOf(HasSubstr("rows.jsonl: has no column `labell`; did you mean 'label'?"), HasSubstr("`text`, `label`")));
  EXPECT_THAT(wrong(recipe::pair, R"({"text":"a","label":"b"})"), HasSubstr("no column `pair`"));
  named.goals = {"label", "text"};
  EXPECT_THAT(wrong(recipe::classify, R"({"text":"a","label":"b"})", named), HasSubstr("a row has one label"));
}

TEST_F(examples_test, every_wrong_row_is_named_by_file_and_line) {
  const auto told = wrong(recipe::classify, R"({"text":"a","label":1})"
                                            "\n\n"
                                            R"({"text":"a","label":"one"})"
                                            "\n"
                                            R"({"text":7,"label":2})"
                                            "\n"
                                            R"({"text":"a"})");
  EXPECT_THAT(told, AllOf(HasSubstr("rows.jsonl:3: `label` is a text here and a number in earlier rows"),
                          HasSubstr("rows.jsonl:4: `text` must be a text and is a number"),
                          HasSubstr("rows.jsonl:5: `label` is missing")));
  EXPECT_THAT(wrong(recipe::regress, "{\"text\":\"a\",\"score\":1}\n{\"text\":\"a\",\"score\":\"nan\"}"),
              HasSubstr("rows.jsonl:2: `score` must be a finite number"));
  EXPECT_THAT(wrong(recipe::regress, "{\"text\":\"a\",\"score\":1}\n{\"text\":\"a\",\"score\":null}"),
              HasSubstr("rows.jsonl:2: `score` is missing"));
  EXPECT_THAT(wrong(recipe::span, R"({"text":"a","pair":"the cat","answer":"dog"})"),
              HasSubstr("rows.jsonl:1: `answer` is not in the passage"));
  EXPECT_THAT(wrong(recipe::span, R"({"text":"a","pair":"the cat","answer":"cat","start":3})"),
              HasSubstr("rows.jsonl:1: `start` is not where the answer begins"));
}

TEST_F(examples_test, text_that_is_not_utf_8_is_a_mistake) {
  const auto read = read_rows(recipe::classify, "text,label\n\xFF,1\n", {}, false, "rows.csv");
  EXPECT_THAT(told(read.error()), HasSubstr("rows.csv:2: `text` is not UTF-8"));
  const auto label = read_rows(recipe::classify, "text,label\na,\xFF\n", {}, false, "rows.csv");
  EXPECT_THAT(told(label.error()), HasSubstr("rows.csv:2: `label` is not UTF-8"));
  const auto name = read_rows(recipe::classify, "text,label,\xFF\na,b,c\n", {}, false, "rows.csv");
  EXPECT_THAT(told(name.error()), HasSubstr("rows.csv:1: the name of a column is not UTF-8"));
}

TEST_F(examples_test, one_label_alone_teaches_nothing) {
  const auto read = read_rows(recipe::classify, R"({"text":"a","label":"x"})");
  ASSERT_TRUE(read);
  EXPECT_THAT(labels_of(*read).error().message, HasSubstr("every row has the label 'x'"));
}

TEST_F(examples_test, parts_share_no_group_and_a_seed_chooses_them) {
  column_names named;
  named.group = "question";
  const auto all = read_rows(recipe::classify, easy_rows(80), named);
  ASSERT_TRUE(all) << all.error().message;
  std::set<std::set<std::string>> seen;
  for (const std::uint64_t seed : {1, 2, 3, 4, 1}) {
    const auto parts = split_by_group(*all, 0.25, seed);
    ASSERT_TRUE(parts);
    EXPECT_TRUE(check_apart(*parts));
    EXPECT_EQ(parts->training.examples.size() + parts->validation.examples.size(), 80U);
    EXPECT_EQ(parts->validation.examples.size(), 20U);
    std::set<std::string> groups;
    for (const auto& example : parts->validation.examples)
      groups.insert(example.group);
    seen.insert(groups);
  }
  EXPECT_GT(seen.size(), 1U);
  EXPECT_LT(seen.size(), 5U);
}

TEST_F(examples_test, one_group_alone_cannot_be_split) {
  column_names named;
  named.group = "label";
  const auto all = read_rows(recipe::classify, R"({"text":"a","label":"x"})", named);
  ASSERT_TRUE(all);
  EXPECT_THAT(split_by_group(*all, 0.5, 1).error().message, HasSubstr("all rows are of one group"));
}

TEST_F(examples_test, a_group_in_both_files_is_refused_by_file_and_line) {
  column_names named;
  named.group = "question";
  const auto a = read_rows(recipe::classify, easy_rows(4), named, false, "a.jsonl");
  const auto b = read_rows(recipe::classify, easy_rows(2), named, false, "b.jsonl");
  ASSERT_TRUE(a && b);
  EXPECT_THAT(told(check_apart({*a, *b}).error()),
              HasSubstr("b.jsonl:1: its group is in the training part too (a.jsonl:1)"));
  EXPECT_THAT(check_apart({*a, {}}).error().message, HasSubstr("no rows to validate with"));
}

} // namespace
} // namespace chalkstream::pipelines::tools

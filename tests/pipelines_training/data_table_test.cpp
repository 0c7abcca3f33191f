// Files of every form as rows and columns, and what is wrong with them.
#include "pipelines/tools/training/data_table.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class data_table_test : public training_fixture {
protected:
  data_table read_good(const std::string& name, std::string_view text) {
    mistakes wrong;
    auto table = read_table(write(name, text), wrong);
    EXPECT_TRUE(table) << table.error().message;
    EXPECT_TRUE(wrong.none()) << wrong.as_error().message;
    return table ? std::move(*table) : data_table{};
  }

  std::string mistakes_in(const std::string& name, std::string_view text) {
    mistakes wrong;
    const auto table = read_table(write(name, text), wrong);
    if (!table)
      return told(table.error());
    return wrong.none() ? "" : told(wrong.as_error());
  }
};

TEST_F(data_table_test, csv_has_quotes_commas_and_line_ends_in_quoted_fields) {
  const auto table = read_good("a.csv", "\xEF\xBB\xBFid,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,plain\n");
  EXPECT_THAT(table.columns, ElementsAre("id", "text"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].at(1).value, "a, \"b\"\nc");
  EXPECT_EQ(table.rows[1].line, 5U);
  EXPECT_EQ(table.rows[1].at(1).value, "plain");
}

TEST_F(data_table_test, an_empty_field_is_missing) {
  const auto table = read_good("a.csv", "id,text,label\n1,,\n");
  EXPECT_EQ(table.rows[0].at(1).is, cell::kind::missing);
  EXPECT_EQ(table.rows[0].at(2).is, cell::kind::missing);
}

TEST_F(data_table_test, tsv_has_no_quoting) {
  const auto table = read_good("a.tsv", "text\tlabel\n\"so he said\t1\n");
  EXPECT_EQ(table.rows[0].at(0).value, "\"so he said");
}

TEST_F(data_table_test, json_lines_keep_kinds_and_name_the_members_of_objects) {
  const auto table = read_good("a.jsonl", R"({"text":"a","score":{"content":3,"wording":2.5},"ok":true,"none":null})"
                                          "\n"
                                          R"({"answers":["x",1]})");
  EXPECT_THAT(table.columns, ElementsAre("text", "score.content", "score.wording", "ok", "none", "answers"));
  EXPECT_EQ(table.rows[0].at(2).is, cell::kind::number);
  EXPECT_EQ(table.rows[0].at(2).value, "2.5");
  EXPECT_EQ(table.rows[0].at(3).is, cell::kind::boolean);
  EXPECT_EQ(table.rows[0].at(4).is, cell::kind::missing);
  EXPECT_EQ(table.rows[1].at(0).is, cell::kind::missing);
  EXPECT_THAT(table.rows[1].at(5).items, ElementsAre("x", "1"));
}

TEST_F(data_table_test, squads_form_becomes_a_row_for_each_question) {
  const auto table = read_good("a.json", R"({"data":[{"title":"Moon","paragraphs":[{"context":"It is far.","qas":[
      {"id":"1","question":"How far?","answers":[{"text":"far","answer_start":6},{"text":"is far","answer_start":3}]},
      {"id":"2","question":"Who?","answers":[]}]}]}]})");
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].at(*table.find("title")).value, "Moon");
  EXPECT_EQ(table.rows[1].at(*table.find("pair")).value, "It is far.");
  EXPECT_THAT(table.rows[0].at(*table.find("answers")).items, ElementsAre("far", "is far"));
  EXPECT_THAT(table.rows[0].at(*table.find("starts")).items, ElementsAre("6", "3"));
}

TEST_F(data_table_test, mistakes_name_file_and_line) {
  EXPECT_THAT(mistakes_in("a.csv", "a,b\n1,2\n1\n"), HasSubstr("a.csv:3: 1 fields; the first row names 2"));
  EXPECT_THAT(mistakes_in("a.csv", "a,b\n\"1,2\n"), HasSubstr("a.csv:2: a quoted field has no closing quote"));
  EXPECT_THAT(mistakes_in("a.csv", "a,b\n\"1\"x,2\n"), HasSubstr("a.csv:2: a quoted field goes on"));
  EXPECT_THAT(mistakes_in("a.csv", "a,a\n1,2\n"), HasSubstr("a.csv:1: the column `a` is named twice"));
  EXPECT_THAT(mistakes_in("a.jsonl", "{}\n[1]\n"), HasSubstr("a.jsonl:2: not a JSON object"));
  EXPECT_THAT(mistakes_in("a.json", "{\"data\":3}"), HasSubstr("a.json: not in SQuAD's form"));
  EXPECT_THAT(mistakes_in("a.json", R"({"data":[{"paragraphs":[{"context":"c","qas":[{"id":1}]}]}]})"),
              HasSubstr("a.json: question 1 is not"));
  EXPECT_THAT(mistakes_in("a.xlsx", "PK"), HasSubstr("a.xlsx: is of no known form; .jsonl, .csv, .tsv"));
}

} // namespace
} // namespace chalkstream::pipelines::tools

#include "education/course_material.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace chalkstream::education {
namespace {

std::string line(std::string_view id, std::string_view text, std::string_view more = "") {
  return R"({"id":")" + std::string{id} + R"(","text":")" + std::string{text} + '"' + std::string{more} + "}\n";
}

TEST(course_material_test, reads_what_a_line_says_and_skips_blank_ones) {
  const auto read = parse_course_material(
      line("a", "Light. Water.", R"(,"title":"T","tenant":"north","course":"bio","source":"book 7","x":1)") + "\n"
          + line("b", "Sugar."),
      "m.jsonl");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->passages.size(), 2u);
  const auto& first = read->of(read->passages[0]);
  EXPECT_EQ(first.title, "T");
  EXPECT_EQ(first.tenant, "north");
  EXPECT_EQ(first.course, "bio");
  EXPECT_EQ(first.source, "book 7");
  EXPECT_EQ(read->id(read->passages[0]), "a#1");
  EXPECT_EQ(read->of(read->passages[1]).tenant, "");
}

TEST(course_material_test, fills_passages_with_whole_sentences_and_says_where_they_stand) {
  const auto read =
      parse_course_material(line("a", "\u690d\u690d. The first one. The second one.  The third one."), "m.jsonl", 32);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->passages.size(), 2u);
  EXPECT_EQ(read->passages[0].text, "\u690d\u690d. The first one.");
  EXPECT_EQ(read->passages[0].end, 18u);
  EXPECT_EQ(read->passages[1].text, "The second one.  The third one.");
  EXPECT_EQ(read->passages[1].start, 19u);
  EXPECT_EQ(read->passages[1].end, 50u);
  EXPECT_EQ(read->id(read->passages[1]), "a#2");
}

TEST(course_material_test, splits_a_sentence_that_is_longer_than_a_passage) {
  std::string endless;
  for (int i = 0; i < 200; ++i)
    endless += "word ";
  const auto read = parse_course_material(line("a", endless), "m.jsonl", 100);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->passages.size(), 10u);
  for (const auto& p : read->passages)
    EXPECT_LE(p.end - p.start, 100u);
}

TEST(course_material_test, says_which_line_is_wrong) {
  const auto message = [](const std::string& content) {
    const auto read = parse_course_material(content, "m.jsonl");
    return read ? std::string{} : read.error().message;
  };
  const auto good = line("a", "Light.");
  EXPECT_EQ(message(good + good), "m.jsonl:2: id \"a\" appears twice");
  EXPECT_EQ(message(good + "\n{oops"), "m.jsonl:3: the value is not one JSON object");
  EXPECT_EQ(message(R"({"text":"x"})"), "m.jsonl:1: id is missing");
  EXPECT_EQ(message(R"({"id":"x","text":" "})"), "m.jsonl:1: text is missing");
  EXPECT_EQ(message(R"({"id":"x","text":"..."})"), "m.jsonl:1: text has no word");
  EXPECT_EQ(message(R"({"id":7,"text":"x"})"), "m.jsonl:1: id must be a string");
  EXPECT_EQ(message(line("x", "y", R"(,"tenant":5)")), "m.jsonl:1: tenant must be a string");
  EXPECT_EQ(message(line("x", "y", ",\"course\":\"" + std::string(513, 'c') + "\"")),
            "m.jsonl:1: course is longer than 512 bytes");
  EXPECT_EQ(message(" \n"), "m.jsonl: there is no material");
}

TEST(course_material_test, reads_the_examples) {
  std::ifstream file{"examples/material.jsonl"};
  std::stringstream content;
  content << file.rdbuf();
  const auto read = parse_course_material(content.str(), "examples/material.jsonl");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_GE(read->materials.size(), 12u);
}

} // namespace
} // namespace chalkstream::education

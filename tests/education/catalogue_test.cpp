#include "education/catalogue.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace chalkstream::education {
namespace {

TEST(catalogue_test, reads_text_or_description_and_skips_blank_lines) {
  const auto read = parse_catalogue("{\"id\":\"a\",\"title\":\"A\",\"text\":\"t\",\"url\":\"u\",\"extra\":1}\n\n"
                                    "{\"id\":\"b\",\"title\":\"B\",\"description\":\"d\",\"subject\":null}\r\n",
                                    "c.jsonl");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].url, "u");
  EXPECT_EQ((*read)[1].text, "d");
}

TEST(catalogue_test, says_which_line_is_wrong) {
  const auto message = [](std::string_view content) {
    const auto read = parse_catalogue(content, "c.jsonl");
    return read ? std::string{} : read.error().message;
  };
  const std::string good = "{\"id\":\"a\",\"title\":\"A\",\"text\":\"t\"}\n";
  EXPECT_NE(message(good + "{oops").find("c.jsonl:2"), std::string::npos);
  EXPECT_NE(message(good + good).find("twice"), std::string::npos);
  EXPECT_NE(message("{\"id\":\"a\",\"text\":\"t\"}").find("title"), std::string::npos);
  EXPECT_NE(message("{\"id\":\"a\",\"title\":\"t\"}").find("text"), std::string::npos);
  EXPECT_NE(message("{\"id\":7,\"title\":\"t\"}").find("id must be a string"), std::string::npos);
  EXPECT_NE(message("\n\n").find("empty"), std::string::npos);
}

TEST(catalogue_test, reads_the_examples) {
  std::ifstream file{"examples/resources.jsonl"};
  std::stringstream content;
  content << file.rdbuf();
  const auto read = parse_catalogue(content.str(), "examples/resources.jsonl");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_GE(read->size(), 60u);
}

} // namespace
} // namespace chalkstream::education

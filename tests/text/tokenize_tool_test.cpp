#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pipelines/tools/tokenize.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::pipelines::tools {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

struct run {
  int errors = -1;
  std::vector<std::string> lines;
};

run tokenize_lines(const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out;
  const auto done = tokenize(in, out, text::minilm_directory());
  EXPECT_TRUE(done) << done.error().message;
  return {done ? *done : -1, lines_of(out.str())};
}

TEST(tokenize_tool_test, answers_lines_in_order_and_echoes_ids_with_their_type) {
  const run made = tokenize_lines("{\"id\":\"a\\\"\",\"text\":\"Hello\"}\n"
                                  "{\"id\":7,\"text\":\"\"}\n"
                                  "\n"
                                  "{\"id\":null,\"text\":\"h\\u00e9 llo\",\"pair\":\"x\"}");
  EXPECT_EQ(made.errors, 0);
  ASSERT_EQ(made.lines.size(), 3U);
  EXPECT_EQ(made.lines[0], R"({"id":"a\"","ids":[101,7592,102],"offsets":[[0,0],[0,5],[0,0]]})");
  EXPECT_EQ(made.lines[1], R"({"id":7,"ids":[101,102],"offsets":[[0,0],[0,0]]})");
  EXPECT_EQ(made.lines[2], R"({"id":null,"ids":[101,2002,2222,2080,102,1060,102],)"
                           R"("offsets":[[0,0],[0,2],[3,5],[5,6],[0,0],[0,1],[0,0]]})");
}

TEST(tokenize_tool_test, goes_on_after_a_bad_line_and_counts_it) {
  const run made = tokenize_lines("not json\n{\"id\":1}\n{\"id\":2,\"text\":3}\n[]\n{\"id\":3,\"text\":\"a\xff\"}\n"
                                  "{\"id\":4,\"text\":\"Hello\"}\n");
  EXPECT_EQ(made.errors, 5);
  ASSERT_EQ(made.lines.size(), 6U);
  EXPECT_EQ(made.lines[0].rfind(R"({"id":null,"error":")", 0), 0U) << made.lines[0];
  EXPECT_EQ(made.lines[1].rfind(R"({"id":1,"error":")", 0), 0U) << made.lines[1];
  EXPECT_EQ(made.lines[2].rfind(R"({"id":2,"error":")", 0), 0U) << made.lines[2];
  EXPECT_EQ(made.lines[5], R"({"id":4,"ids":[101,7592,102],"offsets":[[0,0],[0,5],[0,0]]})");
}

TEST(tokenize_tool_test, reads_past_a_line_that_is_too_long) {
  const run made =
      tokenize_lines(std::string((std::size_t{64} << 20) + 1, 'x') + "\n{\"id\":4,\"text\":\"Hello\"}\n");
  EXPECT_EQ(made.errors, 1);
  ASSERT_EQ(made.lines.size(), 2U);
  EXPECT_EQ(made.lines[0], R"({"id":null,"error":"the line has more than 64 MiB"})");
}

TEST(tokenize_tool_test, fails_when_there_is_no_tokenizer) {
  std::istringstream in("{\"id\":1,\"text\":\"a\"}\n");
  std::ostringstream out;
  const auto done = tokenize(in, out, "tests/text");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::not_found);
}

} // namespace
} // namespace chalkstream::pipelines::tools

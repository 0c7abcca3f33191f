#include "education/catalogue.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
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

TEST(nearest_test, agrees_with_sorting_everything) {
  std::mt19937 random{5};
  std::normal_distribution<float> normal;
  constexpr std::size_t width = 19, rows = 300;
  std::vector<float> matrix(width * rows), query(width);
  for (auto& x : matrix)
    x = normal(random);
  for (auto& x : query)
    x = normal(random);
  std::vector<neighbour> all;
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::size_t i = 0; i < width; ++i)
      sum += static_cast<double>(matrix[r * width + i]) * query[i];
    all.push_back({r, sum});
  }
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.similarity > b.similarity; });
  const auto best = nearest(matrix, query, 7);
  ASSERT_EQ(best.size(), 7u);
  for (std::size_t i = 0; i < best.size(); ++i) {
    EXPECT_EQ(best[i].row, all[i].row);
    EXPECT_NEAR(best[i].similarity, all[i].similarity, 1e-4);
  }
}

TEST(nearest_test, breaks_ties_by_row_and_knows_its_bounds) {
  const std::vector<float> matrix{1, 0, 1, 0, 0, 1}, query{1, 0};
  const auto best = nearest(matrix, query, 2);
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].row, 0u);
  EXPECT_EQ(best[1].row, 1u);
  EXPECT_EQ(nearest(matrix, query, 10).size(), 3u);
  EXPECT_TRUE(nearest(matrix, query, 0).empty());
  EXPECT_TRUE(nearest({}, query, 3).empty());
  EXPECT_TRUE(nearest(matrix, {}, 3).empty());
}

} // namespace
} // namespace chalkstream::education

#include "education/nearest.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace chalkstream::education {
namespace {

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

#include "education/vector_index.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>
#include <thread>

namespace chalkstream::education {
namespace {

constexpr std::size_t width = 24;

/// Unit vectors around a few centres, as texts of a few subjects are.
std::vector<float> vectors(std::size_t count, unsigned seed) {
  std::mt19937 random{seed};
  std::normal_distribution<float> normal;
  std::vector<float> centres(width * 20), all;
  for (auto& x : centres)
    x = normal(random);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<float> row(width);
    const auto centre = random() % 20;
    float squares = 0;
    for (std::size_t k = 0; k < width; ++k) {
      row[k] = centres[centre * width + k] + 0.7F * normal(random);
      squares += row[k] * row[k];
    }
    for (auto& x : row)
      all.push_back(x / std::sqrt(squares));
  }
  return all;
}

std::span<const float> row_of(const std::vector<float>& matrix, std::size_t row) {
  return {matrix.data() + row * width, width};
}

vector_index filled(const std::vector<float>& matrix, const vector_index_settings& settings) {
  auto made = vector_index::make(width, matrix.size() / width, settings);
  EXPECT_TRUE(made);
  for (std::size_t i = 0; i < matrix.size() / width; ++i)
    EXPECT_TRUE(made->add(row_of(matrix, i)));
  return std::move(*made);
}

double recall(const vector_index& index, const std::vector<float>& matrix, const std::vector<float>& queries) {
  std::size_t hits = 0, all = 0;
  for (std::size_t q = 0; q < queries.size() / width; ++q) {
    std::set<std::size_t> right;
    for (const auto& n : nearest(matrix, row_of(queries, q), 10))
      right.insert(n.row);
    all += right.size();
    for (const auto& n : index.nearest(row_of(queries, q), 10))
      hits += right.count(n.row);
  }
  return static_cast<double>(hits) / static_cast<double>(all);
}

constexpr vector_index_settings approximate{.exact_up_to = 0, .link_candidates = 100, .search_candidates = 64};

TEST(vector_index_test, finds_nearly_what_the_exact_search_finds) {
  const auto matrix = vectors(3000, 1), queries = vectors(100, 1);
  EXPECT_GE(recall(filled(matrix, approximate), matrix, queries), 0.97);
  EXPECT_EQ(recall(filled(matrix, {}), matrix, queries), 1.0) << "so few are searched exactly";
}

TEST(vector_index_test, gives_similarities_in_order_and_no_more_than_there_are) {
  const auto matrix = vectors(5, 2);
  for (const auto& settings : {approximate, vector_index_settings{}}) {
    const auto index = filled(matrix, settings);
    EXPECT_EQ(index.size(), 5u);
    const auto near = index.nearest(row_of(matrix, 3), 10);
    ASSERT_EQ(near.size(), 5u);
    EXPECT_EQ(near[0].row, 3u);
    EXPECT_NEAR(near[0].similarity, 1, 1e-6);
    for (std::size_t i = 1; i < 5; ++i)
      EXPECT_TRUE(is_nearer(near[i - 1], near[i]));
    EXPECT_TRUE(index.nearest(row_of(matrix, 3), 0).empty());
    EXPECT_TRUE(index.nearest(std::vector<float>{1}, 3).empty());
  }
}

TEST(vector_index_test, refuses_rows_of_another_width_and_more_than_it_has_room_for) {
  EXPECT_FALSE(vector_index::make(0, 5));
  EXPECT_FALSE(vector_index::make(5, std::numeric_limits<std::size_t>::max()));
  const auto matrix = vectors(3, 3);
  auto index = filled(matrix, approximate);
  EXPECT_EQ(index.add(row_of(matrix, 0)).error().code, errc::invalid_argument);
  auto empty = vector_index::make(width, 3);
  EXPECT_EQ(empty->add(std::vector<float>{1}).error().code, errc::invalid_argument);
  EXPECT_TRUE(empty->nearest(row_of(matrix, 0), 1).empty());
}

TEST(vector_index_test, the_same_rows_give_the_same_graph) {
  const auto matrix = vectors(500, 4);
  EXPECT_EQ(filled(matrix, approximate).graph(), filled(matrix, approximate).graph());
  EXPECT_TRUE(filled(matrix, {}).graph().empty());
}

result<vector_index> restored(const std::vector<float>& matrix, const std::vector<std::uint32_t>& graph) {
  auto made = vector_index::make(width, matrix.size() / width, approximate);
  for (std::size_t i = 0; i < matrix.size() / width; ++i)
    CHALK_CHECK(made->add_unlinked(row_of(matrix, i)));
  CHALK_CHECK(made->link(graph));
  return made;
}

TEST(vector_index_test, is_the_same_again_from_rows_and_graph) {
  const auto matrix = vectors(800, 5), queries = vectors(20, 6);
  const auto index = filled(matrix, approximate);
  const auto again = restored(matrix, index.graph());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->graph(), index.graph());
  for (std::size_t q = 0; q < 20; ++q) {
    const auto was = index.nearest(row_of(queries, q), 10), is = again->nearest(row_of(queries, q), 10);
    ASSERT_EQ(was.size(), is.size());
    for (std::size_t i = 0; i < was.size(); ++i)
      EXPECT_EQ(was[i].row, is[i].row);
  }
}

TEST(vector_index_test, a_graph_that_is_not_its_own_is_refused_or_harmless) {
  const auto matrix = vectors(300, 7);
  const auto right = filled(matrix, approximate).graph();
  EXPECT_FALSE(restored(matrix, {}));
  EXPECT_FALSE(restored(matrix, {right.begin(), right.end() - 1}));
  auto longer = right;
  longer.push_back(0);
  EXPECT_FALSE(restored(matrix, longer));
  std::size_t refused = 0;
  std::mt19937 random{8};
  for (int i = 0; i < 400; ++i) {
    auto changed = right;
    changed[i < 20 ? static_cast<std::size_t>(i) : random() % changed.size()] =
        i % 2 == 0 ? random() : random() % 400;
    const auto made = restored(matrix, changed);
    refused += made ? 0 : 1;
    if (made) {
      EXPECT_LE(made->nearest(row_of(matrix, 0), 10).size(), 10u);
    }
  }
  EXPECT_GE(refused, 200u);
}

TEST(vector_index_test, is_searched_by_many_threads_at_once) {
  const auto matrix = vectors(2000, 9);
  const auto index = filled(matrix, approximate);
  std::vector<std::thread> crowd;
  std::vector<std::size_t> wrong(4);
  for (std::size_t t = 0; t < 4; ++t)
    crowd.emplace_back([&, t] {
      for (std::size_t i = t; i < 2000; i += 7)
        wrong[t] += index.nearest(row_of(matrix, i), 1).at(0).row != i;
    });
  for (auto& c : crowd)
    c.join();
  for (const auto count : wrong)
    EXPECT_LE(count, 3u);
}

} // namespace
} // namespace chalkstream::education

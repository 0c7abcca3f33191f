// The approximate index against the exact search, one thread:
//   index_bench [ROWS [WIDTH [QUERIES]]]     (100000 384 500)
// Over vectors that are random in every direction, the hardest there are, and over vectors that differ in 24
// directions and a little noise, as embeddings of texts do. Prints a table: recall@10 and queries a second by
// search_candidates.
#include "education/vector_index.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace chalkstream::education;

constexpr std::size_t nearest_count = 10;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double resident_mib() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  in >> pages >> pages;
  return pages * 4096 / (1 << 20);
}

/// Rows of unit length; `directions` of 0: random in all of them.
std::vector<float> vectors(std::size_t count, std::size_t width, std::size_t directions, unsigned seed) {
  std::mt19937 frame_random{7}, random{seed};
  std::normal_distribution<float> normal;
  std::vector<float> frame(directions * width), row(width), all;
  for (auto& x : frame)
    x = normal(frame_random);
  all.reserve(count * width);
  for (std::size_t i = 0; i < count; ++i) {
    for (auto& x : row)
      x = directions == 0 ? normal(random) : 0.3F * normal(random);
    for (std::size_t d = 0; d < directions; ++d) {
      const float share = normal(random);
      for (std::size_t k = 0; k < width; ++k)
        row[k] += share * frame[d * width + k];
    }
    float squares = 0;
    for (const auto x : row)
      squares += x * x;
    for (const auto x : row)
      all.push_back(x / std::sqrt(squares));
  }
  return all;
}

template <class T>
T expect(chalkstream::result<T> r) {
  if (r)
    return std::move(r).value();
  std::fprintf(stderr, "%s\n", to_string(r.error()).c_str());
  std::exit(1);
}

void expect(const chalkstream::result<void>& r) {
  if (r)
    return;
  std::fprintf(stderr, "%s\n", to_string(r.error()).c_str());
  std::exit(1);
}

struct bench_case {
  std::size_t rows, width, queries;
};

void measure(const char* name, std::size_t directions, const bench_case& size) {
  const auto queries = vectors(size.queries, size.width, directions, 2);
  const auto query = [&](std::size_t i) { return std::span{queries}.subspan(i * size.width, size.width); };
  std::vector<std::set<std::size_t>> right;
  {
    const auto matrix = vectors(size.rows, size.width, directions, 1);
    const double began = seconds();
    for (std::size_t i = 0; i < size.queries; ++i) {
      auto& those = right.emplace_back();
      for (const auto& n : nearest(matrix, query(i), nearest_count))
        those.insert(n.row);
    }
    std::printf("| %s | exact | 1.000 | %.0f | | |\n", name, static_cast<double>(size.queries) / (seconds() - began));
  }
  const auto matrix = vectors(size.rows, size.width, directions, 1);
  const auto row = [&](std::size_t i) { return std::span{matrix}.subspan(i * size.width, size.width); };
  malloc_trim(0); // what was freed is not to be counted as the index's
  const double before = resident_mib(), began = seconds();
  auto built = expect(vector_index::make(size.width, size.rows, {.exact_up_to = 0}));
  for (std::size_t i = 0; i < size.rows; ++i)
    expect(built.add(row(i)));
  const double linked = static_cast<double>(size.rows) / (seconds() - began);
  const double memory = (resident_mib() - before) / 1024 * 1e6 / static_cast<double>(size.rows);
  const auto graph = built.graph();
  for (const std::size_t candidates : {64, 128, 256, 512}) {
    auto index =
        expect(vector_index::make(size.width, size.rows, {.exact_up_to = 0, .search_candidates = candidates}));
    for (std::size_t i = 0; i < size.rows; ++i)
      expect(index.add_unlinked(row(i)));
    expect(index.link(graph));
    std::size_t hits = 0;
    const double asked = seconds();
    for (std::size_t i = 0; i < size.queries; ++i)
      for (const auto& n : index.nearest(query(i), nearest_count))
        hits += right[i].count(n.row);
    const double took = seconds() - asked;
    std::printf("| %s | %zu | %.3f | %.0f | %.0f | %.2f |\n", name, candidates,
                static_cast<double>(hits) / static_cast<double>(size.queries * nearest_count),
                static_cast<double>(size.queries) / took, linked, memory);
    std::fflush(stdout);
  }
}

} // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, std::size_t otherwise) {
    return argc > i ? static_cast<std::size_t>(std::strtoull(argv[i], nullptr, 10)) : otherwise;
  };
  const bench_case size{argument(1, 100'000), argument(2, 384), argument(3, 500)};
  std::printf(
      "%zu rows of %zu, %zu queries\n\n| vectors | search_candidates | recall@10 | queries/s | rows linked/s | "
      "GiB a million |\n|---|---|---|---|---|---|\n",
      size.rows, size.width, size.queries);
  if (argument(4, 24) != 0)
    measure("24 directions", 24, size);
  if (argument(4, 0) == 0)
    measure("random", 0, size);
}

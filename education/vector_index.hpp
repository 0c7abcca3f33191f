// The nearest of up to millions of vectors, in about the time of looking at a few thousand of them: a graph of near
// neighbours, walked greedily (Malkov and Yashunin 2018, "Hierarchical navigable small worlds"). While there are few
// vectors every one is looked at, which is exact. Rows are added one after the other, so the same rows always give
// the same graph and the same answers.
#pragma once

#include "core/error.hpp"
#include "education/nearest.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace chalkstream::education {

struct vector_index_settings {
  /// With at most so many vectors the search is exact: 20,000 of 384 take about 2 ms.
  std::size_t exact_up_to = 20'000;
  /// A vector's links; twice as many in the lowest layer. More find more and take memory.
  std::size_t links = 16;
  /// Candidates looked at while a vector is linked, and while one is searched for. More find more and take time
  /// (bench/results.md).
  std::size_t link_candidates = 100;
  std::size_t search_candidates = 256;
};

class vector_index {
public:
  /// Room for `capacity` rows of `width` floats; out_of_memory if there is none.
  static result<vector_index> make(std::size_t width, std::size_t capacity,
                                   const vector_index_settings& settings = {});
  vector_index(vector_index&&) noexcept;
  vector_index& operator=(vector_index&&) noexcept;
  ~vector_index();

  /// Adds a row of unit length; its number is how many there were before. Takes up to some milliseconds. Not while
  /// somebody searches.
  result<void> add(std::span<const float> row);

  /// The `count` rows with the largest dot product, best first, ties by row. Thread-safe.
  std::vector<neighbour> nearest(std::span<const float> query, std::size_t count) const;

  std::size_t size() const noexcept;
  std::size_t width() const noexcept;
  std::span<const float> row(std::size_t number) const noexcept;

  /// The graph as numbers, to be kept beside the rows; empty where the search is exact.
  std::vector<std::uint32_t> graph() const;

  /// Instead of add(): takes a row as it was, and when all are there their graph. `corrupt` if it is none of theirs:
  /// whatever the numbers are, the search stays within bounds.
  result<void> add_unlinked(std::span<const float> row);
  result<void> link(std::span<const std::uint32_t> graph);

private:
  struct state;
  explicit vector_index(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

} // namespace chalkstream::education

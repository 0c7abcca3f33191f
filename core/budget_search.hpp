// Finds a model's token budget: the smallest batch that reaches 95 % of the best throughput seen, since a larger one
// only makes the urgent wait. Fed with measurements, in any order; pure arithmetic.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace chalkstream {

class budget_search {
public:
  /// Sizes to try, ascending, in tokens; each is measured `repeats` times and its fastest run counts.
  explicit budget_search(const std::vector<std::size_t>& sizes = {64, 128, 256, 512, 1024, 2048, 4096}, int repeats = 3);

  /// The next size to measure; nothing when the search is over.
  std::optional<std::size_t> next() const;

  /// One batch of the size `next()` named took `took`.
  void measured(duration took);

  /// The answer so far; nothing before the first full round.
  std::optional<std::size_t> best() const;

private:
  struct point {
    std::size_t tokens;
    double fastest = 0; // tokens per second
  };

  std::vector<point> points_;
  int repeats_;
  std::size_t step_ = 0;
};

} // namespace chalkstream

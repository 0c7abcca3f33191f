// An exported program takes rectangles: rows of one length, the shorter ones padded. Sequences are grouped by length
// so that little of a rectangle is padding; models of the project's own families never pad. Pure arithmetic.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace chalkstream::models {

struct rectangle_rules {
  /// Rows, whatever there is to fill them with; absent: any number of at least `least_rows`.
  std::optional<std::size_t> fixed_rows;
  /// Tokens of every row; absent: those of the longest, and at least `least_tokens`.
  std::optional<std::size_t> fixed_tokens;
  std::size_t least_rows = 1;
  std::size_t least_tokens = 1;
  /// Whether a mask hides padding. Without one only sequences of one length share a rectangle.
  bool masked = true;
};

struct rectangle {
  std::size_t rows = 0;
  std::size_t tokens = 0;
  /// Indices of the sequences in its first rows, longest first; rows behind them are there to be computed alone.
  std::vector<std::size_t> members;
};

/// Every sequence once. Where lengths are free, at most an eighth of the tokens of a rectangle's members is padding.
std::vector<rectangle> rectangles(std::span<const std::size_t> lengths, const rectangle_rules& rules);

} // namespace chalkstream::models

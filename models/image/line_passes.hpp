// The innermost loops of resampling, once for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chalkstream::image {

/// Pixels are summed side by side, sixteen bytes at a time.
constexpr std::size_t side_by_side = 16;

/// filter_weights, as pointers.
struct weight_lines {
  const std::uint32_t* firsts;
  const std::uint32_t* counts;
  const std::int32_t* values;
  std::size_t most;
};

struct line_passes {
  /// Sixteen bytes of each of `count` pixels, from lines that lie woven: sixteen bytes of each of theirs.
  void (*along)(const std::uint8_t* woven, const weight_lines& weights, std::size_t count, std::uint8_t* out);
  /// `length` bytes, each the weighted sum of those above each other in `count` lines that lie one after another.
  void (*across)(const std::uint8_t* lines, std::size_t length, const std::int32_t* weights, std::size_t count,
                 std::uint8_t* out);
};

/// The fastest that this machine has.
const line_passes& best_passes();

} // namespace chalkstream::image

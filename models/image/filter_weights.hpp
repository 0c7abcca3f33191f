// What each pixel of a resampled line is made of.
#pragma once

#include "models/image/resample.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::image {

/// Pixel i of the line is the sum of count(i) pixels from first(i) on, each times its weight, in units of 1 / 2^22.
struct filter_weights {
  static constexpr int fraction_bits = 22;

  std::size_t most = 0; // weights kept for a pixel
  std::vector<std::uint32_t> firsts;
  std::vector<std::uint32_t> counts;
  std::vector<std::int32_t> values;

  const std::int32_t* of(std::size_t pixel) const { return values.data() + pixel * most; }
  /// The pixels of the line that any of these needs: from the first's first on, to this one.
  std::size_t end() const { return firsts.back() + counts.back(); }
};

/// Of `count` pixels from `first` on, of a line of `from` pixels that becomes one of `to`; not for filter::nearest.
filter_weights weights_of(filter by, std::size_t from, std::size_t to, std::size_t first, std::size_t count);

/// For filter::nearest, which pixel each of them is.
std::vector<std::uint32_t> nearest_of(std::size_t from, std::size_t to, std::size_t first, std::size_t count);

} // namespace chalkstream::image

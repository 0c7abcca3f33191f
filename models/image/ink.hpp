// Which pixels of a page are ink, and which of them hang together.
#pragma once

#include "core/model.hpp"
#include "core/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::image {

/// A byte a pixel, row by row: 1 is ink.
struct ink_map {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> dark;
};

/// Grey or RGB, of any size. A pixel is ink that is darker than its surroundings by as much as their contrast asks
/// for, so that shadows and grain of paper are none: J. Sauvola, M. Pietikäinen, "Adaptive document image
/// binarization", Pattern Recognition 33 (2000), with its k of 0.2 over a window of about three lines of text.
ink_map find_ink(const picture& page);

/// A piece of ink whose pixels touch, by sides or corners.
struct ink_piece {
  picture_box box;
  std::size_t pixels = 0;
};

/// In the order of their first pixels; at most `most` of them (a page of grain has as many as pixels: the rest is
/// left out).
std::vector<ink_piece> pieces_of(const ink_map& ink, std::size_t most = 1'000'000);

} // namespace chalkstream::image

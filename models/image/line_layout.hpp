// Which pieces of ink are letters, and which letters make a line; the steps of page_lines.hpp.
#pragma once

#include "models/image/ink.hpp"

#include <cstdint>
#include <vector>

namespace chalkstream::image {

/// The pieces that may be letters or parts of them, without specks, rules and pictures.
struct page_letters {
  std::vector<ink_piece> pieces;
  /// The height of most of them.
  double height = 0;
};
page_letters letters_of(std::vector<ink_piece> pieces);

/// Degrees to turn the page by, counter-clockwise, for level lines; at most 5 either way, 0 where that tells nothing.
double skew_of(const page_letters& letters);

/// The boxes of lines, in reading order.
std::vector<picture_box> lines_of(const page_letters& letters);

} // namespace chalkstream::image

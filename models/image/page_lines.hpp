// A page's lines of text, for models that read one line at a time: where they are, levelled, in reading order.
//
// The skew is the angle at which the feet of the letters fall into the fewest rows (H. S. Baird, "The skew angle of
// printed documents", SPIE Symposium on Hybrid Imaging Systems, 1987). Columns and blocks are found by cutting along
// the widest gaps, in turn (G. Nagy, S. Seth, "Hierarchical representation of optically scanned documents", ICPR
// 1984); the lines of a block lie between the valleys of how many letters a row meets.
#pragma once

#include "core/model.hpp"
#include "core/reading.hpp"

#include <cstddef>
#include <vector>

namespace chalkstream::image {

class page_lines {
public:
  /// Grey or RGB, upright but for a few degrees. None on a page without text. Takes memory for about four pages and
  /// time that is linear in the pixels.
  static page_lines find(picture page);

  std::size_t size() const noexcept { return boxes_.size(); }

  /// The i-th line, levelled, with a little room around it.
  picture line(std::size_t i) const;

  /// Where it lies on the page as it came: the upright box around it.
  picture_box box(std::size_t i) const { return on_page(boxes_[i]); }

  /// A box within the i-th line's picture, likewise.
  picture_box box_in(std::size_t i, const picture_box& part) const;

  /// Gives the picture's memory back; line() cannot be asked for after that.
  void keep_places_alone() { levelled_ = {}; }

  /// Degrees that the page was turned by, counter-clockwise, to be level.
  double skew() const noexcept { return skew_; }

private:
  picture_box on_page(const picture_box& levelled) const;

  picture levelled_;
  std::size_t width_ = 0; // of the page as it came
  std::size_t height_ = 0;
  double skew_ = 0;
  std::vector<picture_box> boxes_; // on levelled_
};

} // namespace chalkstream::image

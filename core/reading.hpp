// What was read from a picture: its lines and words, where they stand, and how sure the reader is of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chalkstream {

/// In pixels of the upright picture, from its upper left corner.
struct picture_box {
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const picture_box&) const = default;
};

struct read_word {
  std::string text;
  picture_box box;
  /// 0 to 1
  double confidence = 0;
};

struct read_line {
  std::string text;
  picture_box box;
  double confidence = 0;
  /// Of a reader that tells them apart; else empty.
  std::vector<read_word> words = {};
  /// An empty line goes before it: another paragraph or block.
  bool begins_paragraph = false;
};

/// One picture's, in reading order.
struct page_reading {
  std::vector<read_line> lines;
  /// Its time was over before all of it was read.
  bool cut = false;
};

} // namespace chalkstream

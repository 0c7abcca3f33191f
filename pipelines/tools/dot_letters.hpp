// Letters of a few dots, for words on pictures where no font is at hand.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Rows from above, each a bit for every dot, the leftmost the highest of `width`.
struct dot_letter {
  int width = 3;
  std::array<std::uint8_t, 5> rows{};
};

/// Letters of a UTF-8 text, one for each character: capitals for small ones too, and a full block for what is not
/// ASCII.
std::vector<dot_letter> dot_letters(std::string_view text);

} // namespace chalkstream::pipelines::tools

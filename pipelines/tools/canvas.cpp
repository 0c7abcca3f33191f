#include "pipelines/tools/canvas.hpp"

#include "pipelines/tools/dot_letters.hpp"

#include <algorithm>
#include <cstddef>

namespace chalkstream::pipelines::tools {

namespace {

constexpr colour white{255, 255, 255};
constexpr int letter_height = 5; // dots

} // namespace

colour colour_of(double confidence) {
  const double sure = std::clamp(2 * confidence - 1, 0.0, 1.0);
  return {static_cast<std::uint8_t>(200 * (1 - sure)), static_cast<std::uint8_t>(140 * sure), 30};
}

void canvas::fill(int left, int top, int width, int height, const colour& with) {
  for (int y = std::max(top, 0); y < std::min<int>(top + height, static_cast<int>(pixels_.height)); ++y)
    for (int x = std::max(left, 0); x < std::min<int>(left + width, static_cast<int>(pixels_.width)); ++x)
      std::ranges::copy(with, pixels_.values.begin() + (y * static_cast<std::ptrdiff_t>(pixels_.width) + x) * 3);
}

void canvas::frame(int left, int top, int width, int height, const colour& with) {
  fill(left, top, width, 1, with);
  fill(left, top + height - 1, width, 1, with);
  fill(left, top, 1, height, with);
  fill(left + width - 1, top, 1, height, with);
}

void canvas::words(std::string_view text, int left, int top, int dot, const colour& with) {
  for (const auto& letter : dot_letters(text)) {
    for (int row = 0; row < letter_height; ++row)
      for (int column = 0; column < letter.width; ++column)
        if ((letter.rows[static_cast<std::size_t>(row)] >> (letter.width - 1 - column) & 1) != 0)
          fill(left + column * dot, top + row * dot, dot, dot, with);
    left += (letter.width + 1) * dot;
  }
}

void canvas::plate(std::string_view text, int left, int top, int dot, const colour& ground) {
  fill(left, top, width_of(text, dot) + dot, (letter_height + 2) * dot, ground);
  words(text, left + dot, top + dot, dot, white);
}

int width_of(std::string_view text, int dot) {
  int width = 0;
  for (const auto& letter : dot_letters(text))
    width += (letter.width + 1) * dot;
  return width;
}

} // namespace chalkstream::pipelines::tools

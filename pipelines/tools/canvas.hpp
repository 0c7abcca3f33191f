// Frames, bars and words on a picture.
#pragma once

#include "core/model.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace chalkstream::pipelines::tools {

using colour = std::array<std::uint8_t, 3>;

/// Red up to a half, green from one on.
colour colour_of(double confidence);

/// Draws on an RGB picture; what would lie outside of it is left out.
class canvas {
public:
  explicit canvas(picture& pixels) : pixels_(pixels) {}

  void fill(int left, int top, int width, int height, const colour& with);
  /// A pixel wide, within these bounds.
  void frame(int left, int top, int width, int height, const colour& with);
  /// Five dots high; a dot has so many pixels along each side.
  void words(std::string_view text, int left, int top, int dot, const colour& with);
  /// White words with a dot of that ground around them.
  void plate(std::string_view text, int left, int top, int dot, const colour& ground);

private:
  picture& pixels_;
};

/// Pixels from the first letter to where the next would begin.
int width_of(std::string_view text, int dot);

} // namespace chalkstream::pipelines::tools

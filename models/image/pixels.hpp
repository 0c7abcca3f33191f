// Pixels of other kinds to RGB, with Pillow's arithmetic.
#pragma once

#include <cstdint>

namespace chalkstream::image {

/// x / 255, rounded, for x below 65,536.
inline std::uint8_t over_255(std::uint32_t x) {
  x += 128;
  return static_cast<std::uint8_t>((x + (x >> 8)) >> 8);
}

/// A colour of that alpha over white, as alpha_composite has it.
inline std::uint8_t over_white(std::uint32_t colour, std::uint32_t alpha) {
  if (alpha == 0)
    return 255;
  const std::uint32_t sum = (colour * alpha + 255 * (255 - alpha) + 128) * 128;
  return static_cast<std::uint8_t>((sum + (sum >> 8)) >> 15);
}

inline void rgba_over_white(const std::uint8_t* from, std::uint8_t* to) {
  for (int c = 0; c < 3; ++c)
    to[c] = over_white(from[c], from[3]);
}

/// 0: no ink.
inline void cmyk_to_rgb(const std::uint8_t* from, std::uint8_t* to) {
  const std::uint32_t light = 255u - from[3];
  for (int c = 0; c < 3; ++c)
    to[c] = static_cast<std::uint8_t>(light - over_255(from[c] * light));
}

} // namespace chalkstream::image

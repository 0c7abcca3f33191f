// What the numbers of one TIFF page mean.
#pragma once

#include "core/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

struct tiff; // the TIFF library's

namespace chalkstream::image {

struct tiff_layout {
  enum class colours : std::uint8_t { grey, grey_from_white, palette, rgb, cmyk };
  enum class alpha : std::uint8_t { none, straight, multiplied };

  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t samples = 1; // of a pixel
  std::uint16_t bits = 1;    // of a sample
  colours kind = colours::grey;
  alpha beside = alpha::none;
  bool apart = false;     // each sample in a plane of its own
  bool converted = false; // luma and chroma, which the library turns into colours
  unsigned orientation = 1;
  std::vector<std::array<std::uint8_t, 3>> palette = {};

  /// Of the page that was read last. unsupported where it holds something else.
  static result<tiff_layout> of(tiff* file);

  /// Of that many pixels, or of one sample of each.
  std::size_t row_bytes(std::size_t columns) const {
    return (columns * bits * (apart ? 1 : samples) + 7) / 8;
  }

  /// A row's pixels, over white; planes lie `plane_bytes` from each other. Numbers of 16 bits are in this machine's order.
  void to_rgb(const std::uint8_t* row, std::size_t plane_bytes, std::size_t columns, std::uint8_t* out) const;

private:
  std::size_t colour_samples() const;
  unsigned number(const std::uint8_t* row, std::size_t plane_bytes, std::size_t column, std::size_t sample) const;
  std::uint8_t byte(const std::uint8_t* row, std::size_t plane_bytes, std::size_t column, std::size_t sample) const;
};

} // namespace chalkstream::image

// Pictures to other sizes, with Pillow's arithmetic: the same bytes as Image.resize gives.
#pragma once

#include "core/model.hpp"
#include "models/image/picture_size.hpp"

#include <cstddef>
#include <cstdint>

namespace chalkstream::image {

/// By Pillow's numbers, as configurations have them.
enum class filter : std::uint8_t { nearest = 0, lanczos = 1, bilinear = 2, bicubic = 3, box = 4, hamming = 5 };

/// A part of a picture.
struct rectangle {
  std::size_t x = 0;
  std::size_t y = 0;
  picture_size size = {};
};

/// That part of what the picture is at that size; nothing else of it is computed. The picture has 1 or 3 channels;
/// neither it nor the part is empty, and the part lies within the size. Takes, beside the result, about
/// `part.size.width` bytes for each channel of each row of the picture that the part needs.
picture resample(const picture& from, picture_size to, filter by, const rectangle& part);

/// The whole of it.
picture resample(const picture& from, picture_size to, filter by);

} // namespace chalkstream::image

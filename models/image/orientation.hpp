// How a picture was held.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/image/allowance.hpp"

#include <cstddef>
#include <span>

namespace chalkstream::image {

/// EXIF's tag 0x0112 in a block as files hold it, from "II" or "MM" on, with or without "Exif\0\0" before it. 1 where
/// there is none, or nonsense.
unsigned exif_orientation(std::span<const std::byte> block) noexcept;

/// The picture as it is to be seen. Orientations above 4 need its size once more.
result<picture> upright(picture from, unsigned orientation, allowance& costs);

} // namespace chalkstream::image

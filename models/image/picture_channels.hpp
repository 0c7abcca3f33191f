// Grey pictures and coloured ones.
#pragma once

#include "core/model.hpp"

#include <cstddef>

namespace chalkstream::image {

/// Whether red, green and blue are one value everywhere.
bool is_grey(const picture& image);

/// With 1 channel or 3. Grey is Pillow's: (19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶; of a grey pixel it is the same
/// value.
picture with_channels(picture image, std::size_t channels);

} // namespace chalkstream::image

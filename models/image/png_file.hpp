// Pictures as PNG files, for people to look at and for programs to read.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"

#include <string>

namespace chalkstream::image {

/// A PNG file of 8 bits a channel, grey or in colours as the picture is; the same picture gives the same bytes.
/// invalid_argument for a picture of no pixels, of other channels, or whose values are not as many as it says.
result<std::string> png_file(const picture& image);

} // namespace chalkstream::image

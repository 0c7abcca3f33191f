// Pictures for a page, complete in themselves.
#pragma once

#include "core/model.hpp"

#include <string>

namespace chalkstream::pipelines::tools {

/// A BMP file of 24 bits a pixel.
std::string bitmap_file(const picture& image);

/// "data:image/bmp;base64,…", for an <img>.
std::string data_uri(const picture& image);

} // namespace chalkstream::pipelines::tools

// Pictures as PNG files, for people to look at.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"

#include <string>

namespace chalkstream::image {

/// Grey or RGB, not empty. Blocks while it compresses. internal with libpng's own words.
result<std::string> png_file(const picture& pixels);

} // namespace chalkstream::image

#pragma once

#include <cstddef>

namespace chalkstream::image {

struct picture_size {
  std::size_t width = 0;
  std::size_t height = 0;
  bool operator==(const picture_size&) const = default;
};

} // namespace chalkstream::image

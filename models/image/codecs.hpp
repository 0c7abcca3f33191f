// One function for each format; decode() chooses. Errors have no prefix yet.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/image/allowance.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::image {

using file_bytes = std::span<const std::byte>;

/// Pictures that are to be turned as the file says.
struct page {
  picture pixels;
  unsigned orientation = 1; // EXIF's, 1 to 8
};

result<page> decode_jpeg(file_bytes file, allowance& costs);
result<page> decode_png(file_bytes file, allowance& costs);
result<page> decode_webp(file_bytes file, allowance& costs);
result<page> decode_bmp(file_bytes file, allowance& costs);
result<std::vector<page>> decode_tiff(file_bytes file, allowance& costs);
result<std::vector<page>> decode_pdf(file_bytes file, allowance& costs);

inline error corrupt(std::string reason) {
  return {errc::invalid_argument, std::move(reason)};
}

} // namespace chalkstream::image

#include "pipelines/tools/training/images/bitmap.hpp"

#include "core/base64.hpp"

#include <cstddef>
#include <cstdint>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t header_bytes = 54;

void add_number(std::string& to, std::size_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    to.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

} // namespace

std::string bitmap_file(const picture& image) {
  const auto padding = (4 - image.width * 3 % 4) % 4;
  const auto pixels = (image.width * 3 + padding) * image.height;
  std::string made = "BM";
  add_number(made, header_bytes + pixels, 4);
  add_number(made, 0, 4);
  add_number(made, header_bytes, 4);
  add_number(made, 40, 4); // BITMAPINFOHEADER
  add_number(made, image.width, 4);
  add_number(made, image.height, 4);
  add_number(made, 1, 2);  // plane
  add_number(made, 24, 2); // bits
  add_number(made, 0, 4);  // not compressed
  add_number(made, pixels, 4);
  made.append(16, '\0');                             // of no printer, no palette
  for (std::size_t row = image.height; row-- > 0;) { // from the bottom
    for (std::size_t column = 0; column < image.width; ++column) {
      const auto* pixel = image.values.data() + (row * image.width + column) * image.channels;
      for (std::size_t c = 3; c-- > 0;)
        made.push_back(static_cast<char>(pixel[image.channels == 1 ? 0 : c]));
    }
    made.append(padding, '\0');
  }
  return made;
}

std::string data_uri(const picture& image) {
  return "data:image/bmp;base64," + encode_base64(bitmap_file(image));
}

} // namespace chalkstream::pipelines::tools

#include "models/image/png_file.hpp"

#include <png.h>

namespace chalkstream::image {

result<std::string> png_file(const picture& pixels) {
  png_image about{};
  about.version = PNG_IMAGE_VERSION;
  about.width = static_cast<png_uint_32>(pixels.width);
  about.height = static_cast<png_uint_32>(pixels.height);
  about.format = pixels.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  about.flags = PNG_IMAGE_FLAG_FAST;
  std::string file(PNG_IMAGE_PNG_SIZE_MAX(about), '\0');
  png_alloc_size_t bytes = file.size();
  if (png_image_write_to_memory(&about, file.data(), &bytes, 0, pixels.values.data(), 0, nullptr) == 0)
    return error{errc::internal, std::string("a picture cannot be written as PNG: ") + about.message};
  file.resize(bytes);
  return file;
}

} // namespace chalkstream::image

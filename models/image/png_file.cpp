#include "models/image/png_file.hpp"

#include <png.h>

#include <cstring>
#include <limits>

namespace chalkstream::image {

result<std::string> png_file(const picture& image) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  if (image.width == 0 || image.height == 0 || image.width > most / 3 || image.height > most
      || (image.channels != 1 && image.channels != 3)
      || image.values.size() != image.width * image.height * image.channels)
    return error{errc::invalid_argument, "a picture of " + std::to_string(image.width) + " by "
                                             + std::to_string(image.height) + " with "
                                             + std::to_string(image.channels) + " channels is no PNG file"};
  png_image about{};
  about.version = PNG_IMAGE_VERSION;
  about.width = static_cast<png_uint_32>(image.width);
  about.height = static_cast<png_uint_32>(image.height);
  about.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(about);
  std::string made(size, '\0');
  if (png_image_write_to_memory(&about, made.data(), &size, 0, image.values.data(), 0, nullptr) == 0)
    return error{errc::out_of_memory, std::string("a PNG file cannot be made: ") + about.message};
  made.resize(size);
  return made;
}

} // namespace chalkstream::image

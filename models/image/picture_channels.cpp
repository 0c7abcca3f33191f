#include "models/image/picture_channels.hpp"

namespace chalkstream::image {

bool is_grey(const picture& image) {
  for (std::size_t i = 0; image.channels == 3 && i + 2 < image.values.size(); i += 3)
    if (image.values[i] != image.values[i + 1] || image.values[i] != image.values[i + 2])
      return false;
  return true;
}

picture with_channels(picture image, std::size_t channels) {
  if (image.channels == channels)
    return image;
  picture made{image.width, image.height, channels, {}};
  const auto pixels = image.width * image.height;
  made.values.reserve(pixels * channels);
  for (std::size_t i = 0; i < pixels; ++i)
    if (channels == 1) {
      const auto* rgb = image.values.data() + 3 * i;
      made.values.push_back(
          static_cast<std::uint8_t>((19595U * rgb[0] + 38470U * rgb[1] + 7471U * rgb[2] + 0x8000U) >> 16));
    } else {
      made.values.insert(made.values.end(), 3, image.values[i]);
    }
  return made;
}

} // namespace chalkstream::image

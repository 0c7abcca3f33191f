#include "models/vision/picture_form.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

std::string shape_of(std::size_t width, std::size_t height, std::size_t channels) {
  return std::to_string(width) + "x" + std::to_string(height) + " with " + std::to_string(channels) + " channels";
}

bool fits(const picture& image, const picture_form& form) {
  if (!form.own_sizes)
    return image.width == form.size.width && image.height == form.size.height;
  const auto longest = 2 * std::max(form.size.width, form.size.height);
  return std::min(image.width, image.height) > 0 && std::max(image.width, image.height) <= longest
         && image.width * image.height <= form.size.width * form.size.height;
}

} // namespace

result<void> check_picture(const sequence& s, const picture_form& form) {
  if (s.image == nullptr || !s.ids.empty())
    return {errc::invalid_argument, "the model takes images, and a sequence is not one"};
  const auto& image = *s.image;
  if (fits(image, form) && image.channels == form.channels
      && image.values.size() == image.width * image.height * image.channels)
    return {};
  return {errc::invalid_argument, "an image is " + shape_of(image.width, image.height, image.channels) + " and has "
                                      + std::to_string(image.values.size()) + " values; the model takes "
                                      + (form.own_sizes ? "up to " : "")
                                      + shape_of(form.size.width, form.size.height, form.channels)};
}

sequence grey_picture(const picture_form& form, std::size_t image_tokens) {
  picture grey{form.size.width, form.size.height, form.channels, {}};
  grey.values.assign(grey.width * grey.height * grey.channels, 128);
  sequence s;
  s.image = std::make_shared<const picture>(std::move(grey));
  s.image_tokens = image_tokens;
  return s;
}

} // namespace chalkstream::models::vision

#include "models/vision/picture_form.hpp"

#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

std::string shape_of(std::size_t width, std::size_t height, std::size_t channels) {
  return std::to_string(width) + "x" + std::to_string(height) + " with " + std::to_string(channels) + " channels";
}

} // namespace

result<void> check_picture(const sequence& s, const picture_form& form) {
  if (s.image == nullptr || !s.ids.empty())
    return {errc::invalid_argument, "the model takes images, and a sequence is not one"};
  const auto& image = *s.image;
  const auto values = form.size.width * form.size.height * form.channels;
  if (image.width != form.size.width || image.height != form.size.height || image.channels != form.channels
      || image.values.size() != values)
    return {errc::invalid_argument, "an image is " + shape_of(image.width, image.height, image.channels) + " and has "
                                        + std::to_string(image.values.size()) + " values; the model takes "
                                        + shape_of(form.size.width, form.size.height, form.channels)};
  return {};
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

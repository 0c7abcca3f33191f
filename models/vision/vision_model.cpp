#include "models/vision/vision_model.hpp"

#include "models/computed_rows.hpp"

#include <string>
#include <vector>

namespace chalkstream::models::vision {
namespace {

std::string shape_of(std::size_t width, std::size_t height, std::size_t channels) {
  return std::to_string(width) + "x" + std::to_string(height) + " with " + std::to_string(channels) + " channels";
}

} // namespace

result<void> vision_model::check(const sequence& s) const {
  if (s.image == nullptr || !s.ids.empty())
    return {errc::invalid_argument, "the model takes images, and a sequence is not one"};
  const auto& image = *s.image;
  const auto floats = parts_.size.width * parts_.size.height * parts_.channels;
  if (image.width != parts_.size.width || image.height != parts_.size.height || image.channels != parts_.channels
      || image.values.size() != floats)
    return {errc::invalid_argument, "an image is " + shape_of(image.width, image.height, image.channels) + " and has "
                                        + std::to_string(image.values.size()) + " values; the model takes "
                                        + shape_of(parts_.size.width, parts_.size.height, parts_.channels)};
  return {};
}

result<output_rows> vision_model::run(std::span<const sequence* const> batch, crew*) const {
  for (const auto* s : batch)
    CHALK_CHECK(check(*s));
  return computed_rows([&]() -> result<output_rows> {
    output_rows rows;
    rows.width = parts_.width;
    rows.values.resize(batch.size() * rows.width);
    if (batch.empty())
      return rows;
    std::vector<const picture*> images;
    for (const auto* s : batch)
      images.push_back(s->image.get());
    parts_.compute->compute(images, rows.values);
    return rows;
  });
}

} // namespace chalkstream::models::vision

#include "models/vision/vision_model.hpp"

#include "models/computed_rows.hpp"
#include "models/loading.hpp"

#include <span>
#include <string>
#include <utility>
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
    const std::size_t together = parts_.one_by_one ? 1 : images.size();
    for (std::size_t i = 0; i < images.size(); i += together)
      parts_.compute->compute(std::span(images).subspan(i, together),
                              std::span(rows.values).subspan(i * rows.width, together * rows.width));
    return rows;
  });
}

result<loaded_model> ready_model(vision_model::parts made) {
  picture grey{made.size.width, made.size.height, made.channels, {}};
  grey.values.assign(grey.width * grey.height * grey.channels, 128);
  sequence example;
  example.image = std::make_shared<const picture>(std::move(grey));
  example.image_tokens = made.image_tokens;
  loaded_model loaded;
  loaded.max_tokens = loaded.image_tokens = made.image_tokens;
  loaded.weight_bytes = made.compute->weight_bytes();
  loaded.compute = std::make_shared<const vision_model>(std::move(made));
  CHALK_CHECK(warm_up(*loaded.compute, example));
  return loaded;
}

} // namespace chalkstream::models::vision

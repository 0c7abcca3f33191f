#include "models/vision/vision_model.hpp"

#include "models/computed_rows.hpp"
#include "models/loading.hpp"

#include <span>
#include <utility>
#include <vector>

namespace chalkstream::models::vision {
result<output_rows> vision_model::run(std::span<const sequence* const> batch, crew*) const {
  for (const auto* s : batch)
    CHALK_CHECK(check_picture(*s, parts_.form));
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
  const auto example = grey_picture(made.form, made.image_tokens);
  loaded_model loaded;
  loaded.max_tokens = loaded.image_tokens = made.image_tokens;
  loaded.weight_bytes = made.compute->weight_bytes();
  loaded.compute = std::make_shared<const vision_model>(std::move(made));
  CHALK_CHECK(warm_up(*loaded.compute, example));
  return loaded;
}

} // namespace chalkstream::models::vision

#include "models/vision/vision_model.hpp"

#include "models/computed_rows.hpp"
#include "models/loading.hpp"

#include <span>
#include <utility>
#include <vector>

namespace chalkstream::models::vision {
namespace {

bool are_alike(const sequence* a, const sequence* b) {
  return b->image != nullptr && a->image->width == b->image->width && a->image->height == b->image->height;
}

} // namespace

result<void> vision_model::check(const sequence& s) const {
  return parts_.texts && s.image == nullptr ? parts_.texts->fits(s) : check_picture(s, parts_.form);
}

result<output_rows> vision_model::run(std::span<const sequence* const> batch, crew*) const {
  for (const auto* s : batch)
    CHALK_CHECK(check(*s));
  return computed_rows([&]() -> result<output_rows> {
    output_rows rows;
    rows.width = parts_.width;
    rows.values.resize(batch.size() * rows.width);
    const auto row = [&](std::size_t first, std::size_t count) {
      return std::span(rows.values).subspan(first * rows.width, count * rows.width);
    };
    for (std::size_t i = 0; i < batch.size();) {
      if (batch[i]->image == nullptr) {
        parts_.texts->compute(*batch[i], row(i, 1));
        ++i;
        continue;
      }
      std::vector<const picture*> images;
      const auto most = parts_.one_by_one ? i + 1 : batch.size();
      while (i + images.size() < most && are_alike(batch[i], batch[i + images.size()]))
        images.push_back(batch[i + images.size()]->image.get());
      parts_.compute->compute(images, row(i, images.size()));
      i += images.size();
    }
    return rows;
  });
}

result<loaded_model> ready_model(vision_model::parts made) {
  const auto example = grey_picture(made.form, made.image_tokens);
  loaded_model loaded;
  loaded.max_tokens = loaded.image_tokens = made.image_tokens;
  loaded.weight_bytes = made.compute->weight_bytes() + (made.texts ? made.texts->weight_bytes() : 0);
  loaded.compute = std::make_shared<const vision_model>(std::move(made));
  CHALK_CHECK(warm_up(*loaded.compute, example));
  return loaded;
}

} // namespace chalkstream::models::vision

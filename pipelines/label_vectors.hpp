// Labels nobody trained a model for, as rows of texts beside which it lays the rows of images (zero-shot, CLIP).
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/text/tokenizer.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// Where the label goes in its prompt, once.
inline constexpr std::string_view label_place = "{}";

class label_vectors {
public:
  /// Runs the model over the prompt with each label in it; blocks. `scale` is what the model multiplies cosines by,
  /// and max_tokens the longest text it reads. invalid_configuration names a label that is longer, or has no
  /// direction.
  static result<label_vectors> make(const std::vector<std::string>& labels, std::string_view prompt,
                                    const text::tokenizer& tokenizer, const model& compute, double scale,
                                    std::size_t max_tokens);

  /// The label's logits of an image with this row; empty if the row has no direction or another width.
  std::vector<float> logits(std::span<const float> row) const;

  std::size_t width() const noexcept { return units_.front().size(); }

private:
  label_vectors(std::vector<std::vector<float>> units, double scale) : units_(std::move(units)), scale_(scale) {}

  std::vector<std::vector<float>> units_;
  double scale_;
};

} // namespace chalkstream::pipelines

// core's model port over a network of images: checks what comes in, and is the boundary where exceptions end.
#pragma once

#include "core/model.hpp"
#include "models/repository.hpp"
#include "models/vision/picture_form.hpp"
#include "models/vision/text_tower.hpp"
#include "models/vision/torch_network.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace chalkstream::models::vision {

/// On CPUs the images of a batch are computed one by one, so that a row has the same bits in any; elsewhere those of
/// one size that follow each other as one tensor, where a row's last bits may depend on how many there are.
class vision_model final : public model {
public:
  struct parts {
    std::shared_ptr<const model_identity> identity;
    std::unique_ptr<const torch_network> compute;
    picture_form form;
    std::size_t width = 0;
    /// What an image costs.
    std::size_t image_tokens = 1;
    bool one_by_one = true;
    /// Null: it takes images alone. Its rows are as wide.
    std::unique_ptr<const text_tower> texts = {};
  };

  explicit vision_model(parts made) : parts_(std::move(made)) {}

  std::shared_ptr<const model_identity> identity() const override { return parts_.identity; }
  /// Those of an image, or of the longest text.
  std::size_t max_tokens() const noexcept override {
    return parts_.texts ? std::max(parts_.image_tokens, parts_.texts->positions()) : parts_.image_tokens;
  }
  std::size_t output_width() const noexcept override { return parts_.width; }

  /// A row of an image, or, where it has a tower for them, of a text. invalid_argument for a sequence without an
  /// image, and for an image of another size or number of channels; out_of_memory; `corrupt` if an output is not
  /// finite; internal with LibTorch's text.
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;

private:
  result<void> check(const sequence& s) const;

  parts parts_;
};

/// The model of these parts, warmed up by a grey image, and of loaded_model what is alike for every network: compute,
/// tokens and bytes.
result<loaded_model> ready_model(vision_model::parts made);

} // namespace chalkstream::models::vision

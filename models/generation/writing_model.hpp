// core's model port over a decoder and a search: reserves room, packs the prompts and single tokens of all texts into
// one pass, and is the boundary where exceptions end.
#pragma once

#include "core/model.hpp"
#include "models/generation/decoder.hpp"
#include "models/generation/generation_config.hpp"
#include "models/packed_weights.hpp"
#include "models/workspaces.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace chalkstream::models {

class writing_model final : public model {
public:
  struct parts {
    std::shared_ptr<const model_identity> identity;
    std::shared_ptr<const decoder> compute;
    /// Fits the decoder's vocabulary.
    generation_config rules;
    /// What a picture costs, where sources are pictures.
    std::size_t image_tokens = 0;
  };

  /// invalid_configuration for rules that do not fit the decoder, and for a decoder with an encoder whose lines begin
  /// with nothing.
  static result<std::shared_ptr<const writing_model>> make(parts made);

  std::shared_ptr<const model_identity> identity() const override { return parts_.identity; }
  /// Of a source; without an encoder of prompt and text together.
  std::size_t max_tokens() const noexcept override;
  std::size_t output_width() const noexcept override { return 0; }
  bool writes() const noexcept override { return true; }

  /// It writes; it has no rows.
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;

  /// invalid_argument for a prompt that is empty, too long or has an id outside the vocabulary (or is not a picture
  /// such as the decoder takes), for settings that make no sense, and for a text that would need more room than the
  /// whole cache has; out_of_memory.
  result<std::unique_ptr<writing>> begin(const sequence& prompt) const override;

  /// invalid_argument for a text of another model or one that is finished; out_of_memory; `corrupt` if a logit is not
  /// finite; internal with LibTorch's text.
  result<void> step(std::span<writing* const> batch) const override;

private:
  explicit writing_model(parts made) : parts_(std::move(made)) {}

  bool has_encoder() const noexcept { return parts_.compute->source_positions() > 0; }
  result<void> check(const sequence& prompt) const;
  result<std::unique_ptr<writing>> reserved(const sequence& prompt) const;

  parts parts_;
  mutable workspaces<float_buffer> logits_;
};

} // namespace chalkstream::models

// A linear model over n-grams behind core's model port. Its directory is like any other's: config.json (model_type
// "ngrams"), model.safetensors, and a tokenizer.json whose tokens are the bytes of the text.
//
//   ngrams.rarity  [buckets]             ngrams.weight [outputs, buckets]
//   shape.weight   [outputs, 9]          bias          [outputs]
//   levels.cuts    [levels - 1]          levels.spread [1]         (ordered levels; there is one output then)
#pragma once

#include "core/model.hpp"
#include "models/document.hpp"
#include "models/ngrams/level_scale.hpp"
#include "models/ngrams/ngram_vector.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace chalkstream::models {

inline constexpr std::string_view ngrams_model_type = "ngrams";

/// Bytes of the longest text it takes.
inline constexpr std::size_t longest_ngram_text = std::size_t{1} << 20;

struct ngram_weights {
  ngram_settings settings;
  std::vector<float> rarity;
  /// Rows of outputs.
  std::vector<float> weight;
  std::vector<float> shape;
  std::vector<float> bias;
  std::optional<level_scale> levels;

  std::size_t outputs() const noexcept { return bias.size(); }

  /// One score an output.
  std::vector<double> score(const ngram_counts& text) const;
};

/// Reads and checks all of it: config.json's settings against their limits, every tensor's shape, and that all numbers
/// are finite. Errors name file, key or tensor.
result<ngram_weights> read_ngram_weights(const settings& configuration, const tensor_archive& weights);

class ngram_model final : public model {
public:
  ngram_model(std::shared_ptr<const model_identity> identity, ngram_weights weights)
      : identity_(std::move(identity)), weights_(std::move(weights)) {}

  std::shared_ptr<const model_identity> identity() const override { return identity_; }
  std::size_t max_tokens() const noexcept override { return longest_ngram_text; }
  std::size_t output_width() const noexcept override {
    return weights_.levels ? weights_.levels->levels() : weights_.outputs();
  }

  /// A sequence's ids are the text's bytes; bytes that are not UTF-8 count as U+FFFD. Logits of the levels, or the
  /// scores. invalid_argument for an empty or too long sequence, or an id that is no byte.
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override;

private:
  std::shared_ptr<const model_identity> identity_;
  ngram_weights weights_;
};

} // namespace chalkstream::models

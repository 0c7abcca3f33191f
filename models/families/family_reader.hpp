// The steps every encoder family shares, from a configuration and its tensors to a description. A family is data (its
// names) and a function that takes these steps, with what is its own in between.
#pragma once

#include "models/families/configuration.hpp"
#include "models/families/tensor_lookup.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::models::families {

struct size_key {
  std::string_view key;
  std::size_t fallback;
};

/// The family's own form of a head over texts: pooler, activation, classifier. `pooler_inside`: the pooler belongs to
/// the encoder and carries its prefix.
struct text_head {
  std::string_view pooler;
  bool pooler_inside = false;
  kernels::activation activation = kernels::activation::tanh;
  std::string_view classifier = "classifier";
};

/// The linear layers of a head, first the pooler if there is one, by the names their tensors begin with.
struct head_names {
  std::string pooler; // empty: none
  bool pooler_inside = false;
  std::string classifier;
};
head_names names_of(const text_head& form, head_kind kind);

/// The head that RoBERTa, XLM-RoBERTa, ELECTRA and MPNet share but for the activation.
inline constexpr text_head dense_head{"classifier.dense", false, kernels::activation::tanh, "classifier.out_proj"};

/// How a family calls what all encoders of BERT's shape have, and what its sizes are where config.json is silent. The
/// defaults are BERT's.
struct family_names {
  /// For messages.
  std::string_view title;
  /// What the names in `architectures` begin with, and how those without a head for us end.
  std::string_view stem;
  std::span<const std::string_view> headless;
  /// What tensors of the encoder begin with in a directory with a head.
  std::string_view prefix;
  /// Tensors that are known and not needed.
  std::span<const std::string_view> ignored;

  size_key vocabulary{"vocab_size", 30522};
  size_key width{"hidden_size", 768};
  size_key layers{"num_hidden_layers", 12};
  size_key heads{"num_attention_heads", 12};
  size_key inner{"intermediate_size", 3072};
  size_key positions{"max_position_embeddings", 512};
  /// An empty key: there are none.
  size_key types{"type_vocab_size", 2};
  std::string_view activation = "hidden_act";
  double epsilon = 1e-12;

  std::string_view layer = "encoder.layer.";
  std::string_view query = "attention.self.query";
  std::string_view key = "attention.self.key";
  std::string_view value = "attention.self.value";
  std::string_view attention_output = "attention.output.dense";
  std::string_view attention_norm = "attention.output.LayerNorm";
  std::string_view up = "intermediate.dense";
  std::string_view down = "output.dense";
  std::string_view output_norm = "output.LayerNorm";

  text_head head;
};

class family_reader {
public:
  /// All three must outlive it.
  family_reader(const family_names& names, const settings& configuration, const tensor_archive& weights);

  /// Sizes, activation, epsilon, head; refuses decoders and positions that are neither absolute nor the family's own.
  result<void> read_configuration();

  /// Tables and norm, `width` wide. `with_positions` false: there is no table of positions.
  result<void> read_embeddings(std::size_t width, bool with_positions = true);

  result<void> read_layers();

  /// Whichever head the directory has: the family's own if it is one over texts, else the linear layer over every
  /// token that all families have. `activation`: the pooler's, where it is a setting.
  result<void> read_head(std::optional<kernels::activation> activation = {});

  /// The description, if no tensor is left that nobody knows.
  result<model_description> finish();

  const settings& configuration;
  tensor_lookup find;
  model_description model;

  std::string layer_name(std::size_t layer, std::string_view tensor) const;

private:
  const family_names& names_;
  std::size_t layer_count_ = 0;
  std::size_t inner_ = 0;
  std::size_t position_rows_ = 0;
  std::optional<head_kind> head_;
};

} // namespace chalkstream::models::families

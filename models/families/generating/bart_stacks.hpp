// The shape that BART, mBART, Marian and Pegasus share as Hugging Face stores them: one tree of names and one set of
// configuration keys; they differ in where norms stand and what positions are.
#pragma once

#include "models/document.hpp"
#include "models/families/generating/generator_reader.hpp"
#include "models/generation/stack_description.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace chalkstream::models::families {

struct bart_shape {
  /// For messages.
  std::string_view title;
  std::size_t vocabulary = 50265;
  bool norm_before = false;
  bool embedding_norm = false;
  bool final_norm = false;
  /// Else a table, whose first row is for position -2.
  bool sinusoids = false;
  /// Encoder and decoder may have their own word tables (share_encoder_decoder_embeddings).
  bool own_tables = false;
};

/// Rows that no token takes at the beginning of a position table.
inline constexpr std::size_t bart_rows_before = 2;

/// q_proj, k_proj, v_proj and out_proj of `name`, and `norm`; `seen`: the width of the states that keys and values
/// are made of.
result<attention_tensors> read_bart_attention(generator_reader& reader, const std::string& name,
                                              const std::string& norm, const stack_description& stack,
                                              std::size_t seen);

/// `source`: the width of the states that the layer's cross-attention reads; 0: it has none.
result<stack_layer_tensors> read_bart_layer(generator_reader& reader, const std::string& name,
                                            const stack_description& stack, std::size_t inner, std::size_t source);

result<generator_description> describe_bart_shape(const bart_shape& shape, const settings& configuration,
                                                  const tensor_archive& weights);

} // namespace chalkstream::models::families

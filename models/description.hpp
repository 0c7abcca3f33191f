// What a family makes of a model directory: sizes, and for each role the tensor that plays it. Nothing is copied and
// no weight is touched, so describing a model is also how it is checked. Encoders build themselves from this.
#pragma once

#include "models/kernels/kernels.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::models {

/// Borrowed from the archive: weight [out, in], bias [out].
struct linear_tensors {
  const tensor_view* weight = nullptr;
  const tensor_view* bias = nullptr;

  std::size_t in() const { return weight->shape[1]; }
  std::size_t out() const { return weight->shape[0]; }
};

struct norm_tensors {
  const tensor_view* gamma = nullptr;
  const tensor_view* beta = nullptr;
};

struct layer_tensors {
  linear_tensors query;
  linear_tensors key;
  linear_tensors value;
  /// What distances become in disentangled attention; absent where that is not used, or where key and query serve.
  std::optional<linear_tensors> position_key;
  std::optional<linear_tensors> position_query;
  linear_tensors attention_output;
  norm_tensors attention_norm;
  linear_tensors up;
  linear_tensors down;
  norm_tensors output_norm;
};

/// One number a head and bucket of distances, added to the scaled scores of every layer: table [buckets, heads].
/// Half of the buckets are for keys behind the query; a half holds its first distances one by one and the others by
/// logarithm up to `furthest` (Raffel et al. 2020, "Exploring the limits of transfer learning").
struct distance_bias {
  const tensor_view* table = nullptr;
  std::size_t furthest = 128;
  /// All buckets are for keys before the query: no other is ever seen.
  bool before_only = false;

  std::size_t buckets() const { return table->shape[0]; }
};

/// Scores of content with content, content with distance and distance with content, added and divided by the root of
/// width times their number (He et al. 2021, "DeBERTa"). Distances share one table [2 * span, width].
struct disentangled_attention {
  const tensor_view* table = nullptr;
  /// Applied to the table first, if there is one.
  std::optional<norm_tensors> norm;
  std::size_t span = 0;
  /// Distances beyond half of them are bucketed by logarithm up to `furthest`; 0: every distance has its own row.
  std::size_t buckets = 0;
  std::size_t furthest = 0;
  bool content_to_position = false;
  bool position_to_content = false;
};

/// Of DeBERTa v2: norm(first layer's output + activation(convolution of the embeddings over their neighbours)).
/// Weight [width, width / groups, kernel] with an odd kernel.
struct convolution_tensors {
  const tensor_view* weight = nullptr;
  const tensor_view* bias = nullptr;
  norm_tensors norm;
  std::size_t groups = 1;
  kernels::activation activation = kernels::activation::tanh;
};

/// An encoder of BERT's shape: embeddings summed and normalised, then layers with normalisation after each residual.
/// The options are what families of that shape differ in.
struct encoder_description {
  std::size_t vocabulary = 0;
  std::size_t width = 0;
  std::size_t heads = 0;
  /// The longest sequence.
  std::size_t positions = 0;
  /// Token types the model knows; 0 if it has none.
  std::size_t types = 0;
  float epsilon = 1e-12f;
  kernels::activation activation = kernels::activation::gelu;
  const tensor_view* word_table = nullptr;
  /// Null: the input does not carry positions.
  const tensor_view* position_table = nullptr;
  /// The row of a sequence's first token.
  std::size_t first_position = 0;
  /// Tokens of this id take row first_position - 1 and are not counted (fairseq's rule).
  std::optional<std::int32_t> uncounted;
  const tensor_view* type_table = nullptr;
  norm_tensors embedding_norm;
  /// From the tables' width to the layers', behind the norm.
  std::optional<linear_tensors> projection;
  std::vector<layer_tensors> layers;
  /// At most one of these.
  std::optional<distance_bias> bias;
  std::optional<disentangled_attention> disentangled;
  std::optional<convolution_tensors> convolution;
};

/// Every tensor that plays a role in the encoder, once.
std::vector<const tensor_view*> tensors_of(const encoder_description& encoder);

/// What a trained head judges: a text, each of its tokens, or where an answer starts and ends (two logits a token).
enum class head_kind : std::uint8_t { text, tokens, span };

/// From states to logits: activation(pooler) if there is one, then the classifier. A head over texts reads the state
/// of the first token, the others read every token's.
struct head_description {
  head_kind kind = head_kind::text;
  std::optional<linear_tensors> pooler;
  kernels::activation pooler_activation = kernels::activation::tanh;
  linear_tensors classifier;
};

struct model_description {
  encoder_description encoder;
  /// Present if the directory holds a trained head.
  std::optional<head_description> head;
  /// id2label in order of ids; "LABEL_0", … where the configuration names none.
  std::vector<std::string> labels;
  /// regression, single_label_classification or multi_label_classification; empty if not stated.
  std::string problem_type;
};

} // namespace chalkstream::models

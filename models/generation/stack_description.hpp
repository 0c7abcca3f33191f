// What a generating family makes of a model directory: one or two stacks of transformer layers, and for each role the
// tensor that plays it. Nothing is copied and no weight is touched. Decoders build themselves from this.
#pragma once

#include "models/description.hpp"
#include "models/kernels/kernels.hpp"
#include "models/safetensors.hpp"
#include "models/vision/network_cost.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::models {

/// x W^T + b: outputs [first, first + out) of a tensor that may hold several maps of one input. Borrowed from the
/// archive: weight [outputs, in], or [in, outputs] where `transposed`; bias [outputs], or null.
struct map_tensors {
  const tensor_view* weight = nullptr;
  const tensor_view* bias = nullptr;
  std::size_t in = 0;
  std::size_t out = 0;
  std::size_t first = 0;
  bool transposed = false;
};

/// Softmax(scale * q k^T + bias) v, as one residual block with its norm. Query heads share key-value heads in groups.
struct attention_tensors {
  map_tensors query;
  map_tensors key;
  map_tensors value;
  map_tensors output;
  /// Of each head before it is rotated, [head width]; null: none (Qwen3's are root mean square).
  const tensor_view* query_norm = nullptr;
  const tensor_view* key_norm = nullptr;
  float scale = 1;
  norm_tensors norm;
};

/// down(activation(up x)), or down(activation(gate x) * up x); a residual block with its norm.
struct feed_forward_tensors {
  std::optional<map_tensors> gate;
  map_tensors up;
  map_tensors down;
  norm_tensors norm;
};

struct stack_layer_tensors {
  attention_tensors self;
  /// To the states of a source; in decoders that have an encoder.
  std::optional<attention_tensors> cross;
  feed_forward_tensors feed_forward;
};

enum class norm_kind : std::uint8_t {
  layer,            // (x - mean) / sqrt(variance + epsilon) * gamma + beta
  root_mean_square, // x / sqrt(mean of squares + epsilon) * gamma
};

/// Angles a position turns pairs of a head's elements by (Su et al. 2021, "RoFormer"): element i with i + half of the
/// width, as Hugging Face lays them out.
struct rotary_positions {
  /// Radians a position, one for each pair; scaling included.
  std::vector<float> frequencies;
};

/// Either half of a model. The options are what the families differ in.
struct stack_description {
  std::size_t vocabulary = 0;
  std::size_t width = 0;
  std::size_t heads = 0;
  std::size_t key_value_heads = 0;
  std::size_t head_width = 0;
  /// The longest line.
  std::size_t positions = 0;
  norm_kind norm = norm_kind::layer;
  /// Norms stand before each block's maps rather than behind its residual.
  bool norm_before = false;
  float epsilon = 1e-5f;
  kernels::activation activation = kernels::activation::gelu;
  const tensor_view* word_table = nullptr;
  /// Words are multiplied by it before positions are added.
  float embedding_scale = 1;
  /// Null: none, or sinusoids.
  const tensor_view* position_table = nullptr;
  /// The row of a line's first token.
  std::size_t first_position = 0;
  /// Sines in the first half of the width, cosines in the second (Vaswani et al. 2017): wave number i is longer than
  /// the first by 10000^(i / sinusoids), which is half of the width there. 0: none.
  double sinusoids = 0;
  /// Tokens of this id have no position.
  std::optional<std::int32_t> unplaced;
  std::optional<rotary_positions> rotary;
  /// Added to the scores of every layer's self-attention.
  std::optional<distance_bias> bias;
  /// gamma null: none.
  norm_tensors embedding_norm;
  norm_tensors final_norm;
  std::vector<stack_layer_tensors> layers;
};

/// From a picture to states that a decoder attends to.
struct picture_encoder {
  vision::image_input input;
  /// They end in tokens.
  std::vector<vision::step> steps;
  vision::network_cost cost;
};

struct generator_description {
  /// At most one of both. None: the prompt is the line's beginning.
  std::optional<stack_description> encoder;
  std::optional<picture_encoder> pictures;
  stack_description decoder;
  /// From the decoder's states to logits; its bias may be [1, vocabulary].
  map_tensors output;
  /// States are multiplied by it first.
  float output_scale = 1;
};

} // namespace chalkstream::models

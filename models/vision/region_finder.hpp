// DETR's transformer (Carion et al. 2020, "End-to-End Object Detection with Transformers"): from a map to a fixed
// number of guesses, each a class, or none, and a box.
#pragma once

#include "models/description.hpp"

#include <cstddef>
#include <vector>

namespace chalkstream::models::vision {

struct layer_norm {
  norm_tensors tensors;
  float epsilon = 1e-5f;
};

/// Positions are added to what queries and keys are made of, not to values.
struct placed_attention {
  linear_tensors query;
  linear_tensors key;
  linear_tensors value;
  linear_tensors output;
  std::size_t heads = 1;
};

/// x to norm(x + down(activation(up(x)))).
struct normed_inner {
  linear_tensors up;
  kernels::activation activation = kernels::activation::relu;
  linear_tensors down;
  layer_norm norm;
};

/// Among the places of a map: norm(x + attention(x)), then the inner part.
struct placed_encoder_layer {
  placed_attention attention;
  layer_norm norm;
  normed_inner inner;
};

/// Among the guesses, then of the guesses over the places, then the inner part; each normed as above.
struct placed_decoder_layer {
  placed_attention attention;
  layer_norm norm;
  placed_attention cross;
  layer_norm cross_norm;
  normed_inner inner;
};

/// Map to a row: of each guess the logits of the labels and of nothing, and its box, centre x and y, width and height
/// as shares of the picture's sides. End to end, [guesses * (labels + 1 + 4)].
struct region_finder {
  /// [most, width / 2]: where places are, their columns before their rows; null: by sines, rows before columns.
  const tensor_view* rows = nullptr;
  const tensor_view* columns = nullptr;
  std::vector<placed_encoder_layer> encoder;
  std::vector<placed_decoder_layer> decoder;
  /// Behind the decoder, and, if so asked, behind each of its layers, too.
  layer_norm norm;
  bool norms_every_layer = false;
  /// [guesses, width]: their positions.
  const tensor_view* guesses = nullptr;
  linear_tensors classes;
  /// relu between them.
  std::vector<linear_tensors> boxes;
};

} // namespace chalkstream::models::vision

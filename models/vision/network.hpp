// What a family makes of a directory with a vision model: the steps from an image to a row, and for each the tensors
// that play its parts. Nothing is copied and no weight is touched, so describing a network is also how it is checked.
// torch_network computes it.
//
// Between steps there is a map [channels, height, width], or tokens [tokens, width], or a row [width]; `grid` is the
// height and width in which tokens lie that belong to places.
#pragma once

#include "models/description.hpp"
#include "models/image/preprocessor.hpp"
#include "models/vision/region_finder.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::models::vision {

/// What a network is given: images of one size, or of sizes of their own, and what each of a channel's 256 byte
/// values is to it.
struct image_input {
  /// Of each; where they have sizes of their own, none has more pixels than this.
  image::picture_size size;
  bool own_sizes = false;
  /// 1 or 3.
  std::size_t channels = 3;
  std::array<std::array<float, 256>, 3> values{};
};

struct extent {
  std::size_t height = 1;
  std::size_t width = 1;
  bool operator==(const extent&) const = default;
  std::size_t area() const noexcept { return height * width; }
};

/// By the statistics of training.
struct batch_norm {
  norm_tensors tensors;
  const tensor_view* mean = nullptr;
  const tensor_view* variance = nullptr;
  float epsilon = 1e-5f;
};

/// What is added around a map before it is convolved, zeros in each case.
enum class padding : std::uint8_t {
  none,
  half,     // half of the kernel, dilated, on every side
  same,     // TensorFlow's: what makes the result ceil(size / stride), the odd place at right and below
  multiple, // at right and below, up to a multiple of the kernel
};

/// Map to map: activation(norm(convolution)). The kernel is the weight's, [out, in / groups, height, width].
struct convolution {
  const tensor_view* weight = nullptr;
  /// Null: none.
  const tensor_view* bias = nullptr;
  std::optional<batch_norm> norm = {};
  extent stride = {};
  padding around = padding::none;
  std::size_t dilation = 1;
  std::size_t groups = 1;
  kernels::activation activation = kernels::activation::identity;

  extent kernel() const { return {weight->shape[2], weight->shape[3]}; }
};

/// Map to map, of half the size: the largest of 3 x 3 places around every second one.
struct max_pool {};

/// Map to map: activation(body(map) + shortcut(map)).
struct residual {
  std::vector<convolution> body;
  /// Absent: the map itself.
  std::optional<convolution> shortcut;
  kernels::activation activation = kernels::activation::identity;
};

/// Map to map: the channels of each place.
struct map_norm {
  layer_norm norm;
};

/// Map to map: map + scale * down(activation(up(norm(mix(map))))), all behind `mix` at each place by itself.
struct mixed_places {
  convolution mix;
  layer_norm norm;
  linear_tensors up;
  kernels::activation activation = kernels::activation::gelu;
  linear_tensors down;
  /// [width], or null: one.
  const tensor_view* scale = nullptr;
};

/// Map to tokens, row by row: norm of the places, `prefix` before them, `positions` added to all.
struct tokens_of_map {
  std::optional<layer_norm> norm = {};
  /// [width] each, or [1, 1, width].
  std::vector<const tensor_view*> prefix = {};
  /// [tokens, width], or [1, tokens, width]; or null.
  const tensor_view* positions = nullptr;
};

/// Attention among the places of windows of side x side, the grid filled up with zeros at right and below (Liu et al.
/// 2021, "Swin Transformer").
struct windows {
  extent grid;
  std::size_t side = 0;
  /// Places by which the grid is rolled first; places that were no neighbours before do not see each other.
  std::size_t shift = 0;
  /// [(2 * side - 1)^2, heads]: one number a head and difference of places, added to the scaled scores.
  const tensor_view* bias = nullptr;
};

/// Tokens to tokens: x + output(attention(norm(x))), then x + down(activation(up(norm(x)))). Biases of query, key and
/// value are there or null together.
struct attention_layer {
  layer_norm attention_norm;
  linear_tensors query;
  linear_tensors key;
  linear_tensors value;
  linear_tensors output;
  layer_norm inner_norm;
  linear_tensors up;
  kernels::activation activation = kernels::activation::gelu;
  linear_tensors down;
  std::size_t heads = 1;
  /// Absent: all tokens see each other.
  std::optional<windows> within;
};

/// Tokens to tokens: four places become one, reduction(norm(their states, end to end)).
struct merged_places {
  extent grid;
  layer_norm norm;
  linear_tensors reduction;
};

/// Each token, or the row.
struct row_norm {
  layer_norm norm;
};

/// Map or tokens to a row.
struct mean {};

/// Tokens to a row.
struct first_token {};

/// The row, or each token.
struct dense {
  linear_tensors linear;
  kernels::activation activation = kernels::activation::identity;
};

/// Tokens to a row: the mean of each of these over the token in its place.
struct token_heads {
  std::vector<linear_tensors> heads;
};

using step = std::variant<convolution, max_pool, residual, map_norm, mixed_places, tokens_of_map, attention_layer,
                          merged_places, row_norm, mean, first_token, dense, token_heads, region_finder>;

struct network {
  /// Of transformers it ends in the tokens that Hugging Face calls last_hidden_state.
  std::vector<step> trunk;
  /// From what the trunk gives to an embedding, to logits, and to regions: empty of what it does not give.
  std::vector<step> embedding;
  std::vector<step> logits;
  std::vector<step> regions;
  /// id2label in order of ids; "LABEL_0", … where the configuration names none.
  std::vector<std::string> labels;
  /// regression, single_label_classification or multi_label_classification; empty if not stated.
  std::string problem_type;
};

} // namespace chalkstream::models::vision

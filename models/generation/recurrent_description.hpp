// What a recurrent family makes of a model directory: an encoder that reads a source in both directions, a decoder
// that writes one token a step, and attention between them; for each role the tensor that plays it. Nothing is copied
// and no weight is touched.
#pragma once

#include "models/generation/stack_description.hpp"
#include "models/safetensors.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace chalkstream::models {

/// One direction of one layer as PyTorch's nn.LSTM has it: weights [4 * width, in] and [4 * width, width], biases
/// [4 * width], for the gates of input, forget, candidate and output in this order. The biases are added up.
struct lstm_tensors {
  const tensor_view* input_weight = nullptr;
  const tensor_view* hidden_weight = nullptr;
  const tensor_view* input_bias = nullptr;
  const tensor_view* hidden_bias = nullptr;
  std::size_t in = 0;
  std::size_t width = 0;
};

/// Forwards and backwards.
using lstm_directions = std::array<lstm_tensors, 2>;

struct recurrent_description {
  /// Of sources and targets, which share the table of words [vocabulary, embedding_width].
  std::size_t vocabulary = 0;
  std::size_t embedding_width = 0;
  const tensor_view* word_table = nullptr;
  /// Of the decoder's states. A direction of the encoder has half of it, so a source's states are as wide.
  std::size_t width = 0;
  /// The longest source and the longest line.
  std::size_t positions = 0;
  std::vector<lstm_directions> encoder;
  /// The first layer reads a word, and behind it the attentional state of the step before, if that is fed.
  std::vector<lstm_tensors> decoder;
  bool input_feeding = false;
  /// From the last states of the encoder's last layer, forwards then backwards, to the first ones of every layer of
  /// the decoder, under a tanh.
  map_tensors bridge_hidden;
  map_tensors bridge_cell;
  /// Scores are of query(state) and the source's states; none: of the state itself.
  std::optional<map_tensors> query;
  /// tanh(map([context, state])) is the attentional state.
  map_tensors attentional;
  /// From attentional states to logits.
  map_tensors output;

  /// Floats of a line's state: hidden and cell of each layer, then the attentional state if it is fed.
  std::size_t state_floats() const noexcept { return (2 * decoder.size() + (input_feeding ? 1 : 0)) * width; }
};

} // namespace chalkstream::models

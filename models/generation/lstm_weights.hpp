// A described recurrent model's weights as the kernels read them.
#pragma once

#include "models/encoders/cpu_weights.hpp"
#include "models/generation/recurrent_description.hpp"
#include "models/kernels/kernels.hpp"
#include "models/packed_weights.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace chalkstream::models {

/// What does not hang on the step before is computed for all tokens and both directions at once.
struct lstm_source_layer {
  /// [8 * width, in], forwards first; with both biases.
  packed_weights input;
  /// [4 * width, width] of each direction.
  std::array<packed_weights, 2> hidden;
};

struct lstm_weights {
  lookup_table words;
  std::vector<lstm_source_layer> encoder;
  /// Of each layer [4 * width, in + width]: what it reads and its own state end to end.
  std::vector<packed_weights> decoder;
  packed_weights bridge_hidden;
  packed_weights bridge_cell;
  std::optional<packed_weights> query;
  packed_weights attentional;
  packed_weights output;
  /// Of memory, the mapped table included.
  std::size_t bytes = 0;
};

/// Packs layer by layer and releases the mapped pages of what was copied; the table of words is read in place and not
/// scanned. `corrupt` names a tensor with values that are not finite.
result<lstm_weights> read_lstm_weights(const recurrent_description& description, const tensor_archive& archive,
                                       const kernels::kernel_table& table, const std::function<void()>& layer_done);

} // namespace chalkstream::models

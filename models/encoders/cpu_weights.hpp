// A described encoder's weights as the kernels read them: linear layers in panels, tables where they lie.
#pragma once

#include "models/description.hpp"
#include "models/encoders/encoder.hpp"
#include "models/packed_weights.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace chalkstream::models {

struct norm_weights {
  std::vector<float> gamma;
  std::vector<float> beta;
};

struct layer_weights {
  packed_weights query_key_value;
  packed_weights attention_output;
  norm_weights attention_norm;
  packed_weights up;
  packed_weights down;
  norm_weights output_norm;
};

/// An embedding table where it lies in the mapping, or a converted copy; without rows if the model has none.
struct lookup_table {
  const float* rows = nullptr;
  std::vector<float> copy;
};

struct cpu_weights {
  lookup_table words;
  lookup_table positions;
  lookup_table types;
  norm_weights embedding_norm;
  /// From the tables' width to the layers'.
  std::optional<packed_weights> projection;
  std::vector<layer_weights> layers;
  /// As bias_by_distance() has it, divided by the scale of the scores; empty if there is none.
  std::vector<float> by_distance;
  /// Of the tables.
  std::size_t embedding_width = 0;
  /// The widest activation between two layers' linear maps.
  std::size_t inner = 0;
  /// Of memory, mapped tables included.
  std::size_t bytes = 0;
};

/// Packs layer by layer and releases the mapped pages of what was copied. `corrupt` names a tensor with values that
/// are not finite; tables are used in place and not scanned.
result<cpu_weights> read_cpu_weights(const encoder_description& description, const tensor_archive& archive,
                                     const kernels::kernel_table& table, const load_progress& progress);

} // namespace chalkstream::models

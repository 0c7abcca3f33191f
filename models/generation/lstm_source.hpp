// The encoder of a recurrent model on a CPU: sources read forwards and backwards.
#pragma once

#include "core/model.hpp"
#include "models/generation/lstm_weights.hpp"
#include "models/kernels/kernels.hpp"
#include "models/packed_weights.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace chalkstream::models {

/// What one call computes, and its buffers; kept for the next.
struct lstm_source_space {
  /// The sources' tokens end to end, `width` floats each, forwards then backwards.
  float_buffer states;
  /// Of each source, in the order given: hidden and cell of the last step, forwards then backwards.
  float_buffer last_hidden;
  float_buffer last_cell;

  float_buffer next;
  float_buffer projected;
  float_buffer gates;
  float_buffer hidden;
  float_buffer cell;
};

/// A source's states are the same bits whatever is read beside it. Sources are valid for the model.
class lstm_source_reader {
public:
  /// The weights outlive it. `width`: of both directions together.
  lstm_source_reader(const lstm_weights& weights, const kernels::kernel_table& table, std::size_t embedding_width,
                     std::size_t width)
      : weights_(weights), table_(table), embedding_width_(embedding_width), width_(width) {}

  void read(std::span<const sequence* const> sources, lstm_source_space& space) const;

private:
  // A source's tokens among the rows of its group.
  struct place {
    std::size_t first = 0;
    std::size_t count = 0;
    std::size_t source = 0;
  };

  std::size_t embed(std::span<const sequence* const> sources, std::vector<place>& places, float_buffer& into) const;
  void run_direction(const lstm_source_layer& layer, std::size_t direction, std::span<const place> longest_first,
                     lstm_source_space& space) const;

  const lstm_weights& weights_;
  const kernels::kernel_table& table_;
  std::size_t embedding_width_;
  std::size_t width_;
};

} // namespace chalkstream::models

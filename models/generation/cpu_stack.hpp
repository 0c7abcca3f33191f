// One described stack on a CPU: its weights as the kernels read them, and the parts of its layers that look at one
// token at a time. Attention, which looks at others, is its owner's business.
#pragma once

#include "models/encoders/cpu_weights.hpp"
#include "models/generation/stack_description.hpp"
#include "models/kernels/kernels.hpp"
#include "models/packed_weights.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace chalkstream::models {

struct cpu_attention {
  /// Of self-attention all three; of cross-attention the query is apart, since keys and values are of other tokens.
  packed_weights query_key_value;
  packed_weights query;
  packed_weights output;
  std::vector<float> query_norm; // empty: none
  std::vector<float> key_norm;
  float scale = 1;
  norm_weights norm;
};

struct cpu_feed_forward {
  std::optional<packed_weights> gate;
  packed_weights up;
  packed_weights down;
  norm_weights norm;
};

struct cpu_stack_layer {
  cpu_attention self;
  std::optional<cpu_attention> cross;
  cpu_feed_forward feed_forward;
};

/// Buffers that a stack's functions share while one call runs.
struct stack_space {
  float_buffer copy;
  float_buffer raised;
  float_buffer gated;
};

/// Immutable once read. Functions work on `rows` rows of width() floats, and keep nothing.
class cpu_stack {
public:
  /// Packs layer by layer and releases the mapped pages of what was copied; the word table stays mapped.
  static result<cpu_stack> read(const stack_description& description, const tensor_archive& archive,
                                const kernels::kernel_table& table, const std::function<void()>& layer_done);

  const std::vector<cpu_stack_layer>& layers() const noexcept { return layers_; }
  std::size_t width() const noexcept { return width_; }
  std::size_t heads() const noexcept { return heads_; }
  std::size_t key_value_heads() const noexcept { return key_value_heads_; }
  std::size_t head_width() const noexcept { return head_width_; }
  std::size_t query_width() const noexcept { return heads_ * head_width_; }
  std::size_t key_value_width() const noexcept { return key_value_heads_ * head_width_; }
  /// Queries, keys and values of a token, end to end.
  std::size_t projected_width() const noexcept { return query_width() + 2 * key_value_width(); }
  std::size_t bytes() const noexcept { return bytes_; }

  /// What distance 0 adds to the scores of a head, its neighbours before it; null if nothing does. The numbers of the
  /// next head are distances() further, and each is divided by the scale of the scores.
  const float* at_distance_zero(std::size_t head) const noexcept;
  std::size_t distances() const noexcept { return distances_; }

  void embed(std::span<const std::int32_t> ids, std::size_t first_position, float* states) const;

  /// What a block's maps read: the states, or a normalised copy of them in the space.
  const float* block_input(const float* states, std::size_t rows, const norm_weights& norm, stack_space& space) const;

  /// out = x W^T + b.
  void apply(const packed_weights& weights, const float* x, std::size_t rows, float* out) const;

  /// Adds the block's result, x W^T + b with rows of x `x_stride` floats apart, to the states and normalises them, if
  /// norms stand behind the residual.
  void close_block(const packed_weights& weights, const float* x, std::size_t x_stride, std::size_t rows,
                   const norm_weights& norm, float* states) const;

  /// By how much heads of tokens at these positions are rotated; empty if they are not. The same in every layer.
  std::vector<float> turns(std::span<const std::size_t> positions) const;

  /// Norms of heads and rotation, for rows of projected_width().
  void place_heads(const cpu_attention& attention, std::size_t rows, std::span<const float> turns,
                   float* projected) const;

  void feed_forward(const cpu_feed_forward& block, std::size_t rows, float* states, stack_space& space) const;

  void final_norm(std::size_t rows, float* states) const;

private:
  friend class stack_packer;

  void normalise(float* rows, std::size_t count, const norm_weights& norm) const;
  void map(const packed_weights& weights, const float* x, std::size_t x_stride, std::size_t rows,
           const float* residual, float* out) const;

  const kernels::kernel_table* table_ = nullptr;
  std::size_t width_ = 0;
  std::size_t heads_ = 0;
  std::size_t key_value_heads_ = 0;
  std::size_t head_width_ = 0;
  std::size_t distances_ = 0;
  std::size_t first_position_ = 0;
  std::optional<std::int32_t> unplaced_;
  norm_kind norm_ = norm_kind::layer;
  bool norm_before_ = false;
  float epsilon_ = 0;
  float embedding_scale_ = 1;
  kernels::activation activation_ = kernels::activation::gelu;
  std::vector<float> frequencies_; // empty: nothing is rotated
  std::vector<float> by_distance_;
  lookup_table words_;
  lookup_table positions_;
  norm_weights embedding_norm_; // without gamma: none
  norm_weights final_norm_;
  std::vector<cpu_stack_layer> layers_;
  std::size_t bytes_ = 0;
};

/// Any described map, alone. Its mapped pages are released, unless somebody goes on reading them.
result<packed_weights> pack_map(const map_tensors& map, const tensor_archive& archive,
                                const kernels::kernel_table& table, bool keep_mapped);

} // namespace chalkstream::models

#include "models/generation/cpu_stack.hpp"
#include "models/generation/stack_values.hpp"

#include "models/encoders/distance_bias.hpp"

#include <algorithm>

namespace chalkstream::models {

class stack_packer {
public:
  stack_packer(const stack_description& description, const tensor_archive& archive,
               const kernels::kernel_table& table)
      : d_(description), archive_(archive), table_(table) {}

  result<cpu_stack> pack(const std::function<void()>& layer_done);

private:
  result<packed_weights> pack_one(const map_tensors& map);
  result<std::vector<float>> vector(const tensor_view* tensor);
  result<norm_weights> norm(const norm_tensors& tensors);
  result<lookup_table> lookup(const tensor_view& tensor);
  result<void> positions(cpu_stack& stack);
  result<cpu_attention> attention(const attention_tensors& tensors, bool cross);
  result<cpu_stack_layer> layer(const stack_layer_tensors& tensors);

  const stack_description& d_;
  const tensor_archive& archive_;
  const kernels::kernel_table& table_;
  std::size_t bytes_ = 0;
};

result<packed_weights> stack_packer::pack_one(const map_tensors& map) {
  CHALK_TRY(auto packed, pack_map(map, archive_, table_, false));
  bytes_ += packed.bytes();
  return packed;
}

result<std::vector<float>> stack_packer::vector(const tensor_view* tensor) {
  if (tensor == nullptr)
    return std::vector<float>();
  return to_finite_float(*tensor);
}

result<norm_weights> stack_packer::norm(const norm_tensors& tensors) {
  norm_weights read;
  CHALK_TRY(read.gamma, vector(tensors.gamma));
  CHALK_TRY(read.beta, vector(tensors.beta));
  return read;
}

result<lookup_table> stack_packer::lookup(const tensor_view& tensor) {
  lookup_table read;
  read.rows = float_data(tensor);
  if (read.rows == nullptr) {
    CHALK_TRY(read.copy, to_finite_float(tensor));
    read.rows = read.copy.data();
  }
  bytes_ += tensor.elements() * sizeof(float);
  return read;
}

result<void> stack_packer::positions(cpu_stack& stack) {
  if (d_.position_table != nullptr) {
    CHALK_TRY(stack.positions_, lookup(*d_.position_table));
  } else if (d_.sinusoids > 0) {
    stack.positions_.copy = sinusoids(d_);
    stack.positions_.rows = stack.positions_.copy.data();
    bytes_ += stack.positions_.copy.size() * sizeof(float);
  }
  if (d_.rotary)
    stack.frequencies_ = d_.rotary->frequencies;
  if (d_.bias) {
    CHALK_TRY(stack.by_distance_, bias_by_distance(*d_.bias, d_.heads, d_.positions));
    stack.distances_ = stack.by_distance_.size() / d_.heads;
    const float scale = d_.layers.front().self.scale;
    std::for_each(stack.by_distance_.begin(), stack.by_distance_.end(), [scale](float& x) { x /= scale; });
    bytes_ += stack.by_distance_.size() * sizeof(float);
  }
  return {};
}

result<cpu_attention> stack_packer::attention(const attention_tensors& tensors, bool cross) {
  cpu_attention read;
  if (cross) {
    CHALK_TRY(read.query, pack_one(tensors.query));
  }
  read.query_key_value =
      packed_weights(table_, tensors.key.in, (cross ? 0 : tensors.query.out) + tensors.key.out + tensors.value.out);
  std::size_t first = 0;
  for (const auto* map : {&tensors.query, &tensors.key, &tensors.value}) {
    if (cross && map == &tensors.query)
      continue;
    CHALK_TRY(const auto values, read_map(*map));
    read.query_key_value.fill(table_, first, values.weight, values.bias);
    archive_.release(*map->weight);
    first += map->out;
  }
  bytes_ += read.query_key_value.bytes();
  CHALK_TRY(read.output, pack_one(tensors.output));
  CHALK_TRY(read.query_norm, vector(tensors.query_norm));
  CHALK_TRY(read.key_norm, vector(tensors.key_norm));
  CHALK_TRY(read.norm, norm(tensors.norm));
  read.scale = tensors.scale;
  return read;
}

result<cpu_stack_layer> stack_packer::layer(const stack_layer_tensors& tensors) {
  cpu_stack_layer read;
  CHALK_TRY(read.self, attention(tensors.self, false));
  if (tensors.cross) {
    CHALK_TRY(read.cross, attention(*tensors.cross, true));
  }
  const auto& forward = tensors.feed_forward;
  if (forward.gate) {
    CHALK_TRY(read.feed_forward.gate, pack_one(*forward.gate));
  }
  CHALK_TRY(read.feed_forward.up, pack_one(forward.up));
  CHALK_TRY(read.feed_forward.down, pack_one(forward.down));
  CHALK_TRY(read.feed_forward.norm, norm(forward.norm));
  return read;
}

result<cpu_stack> stack_packer::pack(const std::function<void()>& layer_done) {
  cpu_stack stack;
  stack.table_ = &table_;
  stack.width_ = d_.width;
  stack.heads_ = d_.heads;
  stack.key_value_heads_ = d_.key_value_heads;
  stack.head_width_ = d_.head_width;
  stack.first_position_ = d_.first_position;
  stack.unplaced_ = d_.unplaced;
  stack.norm_ = d_.norm;
  stack.norm_before_ = d_.norm_before;
  stack.epsilon_ = d_.epsilon;
  stack.embedding_scale_ = d_.embedding_scale;
  stack.activation_ = d_.activation;
  CHALK_TRY(stack.words_, lookup(*d_.word_table));
  CHALK_CHECK(positions(stack));
  CHALK_TRY(stack.embedding_norm_, norm(d_.embedding_norm));
  CHALK_TRY(stack.final_norm_, norm(d_.final_norm));
  for (const auto& tensors : d_.layers) {
    CHALK_TRY(auto read, layer(tensors));
    stack.layers_.push_back(std::move(read));
    layer_done();
  }
  stack.bytes_ = bytes_;
  return stack;
}

result<cpu_stack> cpu_stack::read(const stack_description& description, const tensor_archive& archive,
                                  const kernels::kernel_table& table, const std::function<void()>& layer_done) {
  return stack_packer(description, archive, table).pack(layer_done);
}

result<packed_weights> pack_map(const map_tensors& map, const tensor_archive& archive,
                                const kernels::kernel_table& table, bool keep_mapped) {
  CHALK_TRY(const auto values, read_map(map));
  packed_weights packed(table, map.in, map.out);
  packed.fill(table, 0, values.weight, values.bias);
  if (!keep_mapped)
    archive.release(*map.weight);
  return packed;
}

} // namespace chalkstream::models

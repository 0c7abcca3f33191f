#include "models/encoders/cpu_weights.hpp"

#include "models/encoders/distance_bias.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::models {
namespace {

class weight_reader {
public:
  weight_reader(const encoder_description& description, const tensor_archive& archive,
                const kernels::kernel_table& table)
      : description_(description), archive_(archive), table_(table) {}

  result<cpu_weights> read(const load_progress& progress);

private:
  result<std::vector<float>> finite(const tensor_view& tensor) const;
  result<void> stack(packed_weights& into, std::size_t first, const linear_tensors& tensors) const;
  result<packed_weights> pack_one(const linear_tensors& tensors);
  result<norm_weights> read_norm(const norm_tensors& tensors) const;
  result<lookup_table> read_table(const tensor_view* tensor);
  result<layer_weights> read_layer(const layer_tensors& tensors);

  const encoder_description& description_;
  const tensor_archive& archive_;
  const kernels::kernel_table& table_;
  std::size_t bytes_ = 0;
};

result<std::vector<float>> weight_reader::finite(const tensor_view& tensor) const {
  CHALK_TRY(auto values, to_finite_float(tensor));
  archive_.release(tensor);
  return values;
}

result<void> weight_reader::stack(packed_weights& into, std::size_t first, const linear_tensors& tensors) const {
  CHALK_TRY(const auto weight, finite(*tensors.weight));
  CHALK_TRY(const auto bias, finite(*tensors.bias));
  into.fill(table_, first, weight, bias);
  return {};
}

result<packed_weights> weight_reader::pack_one(const linear_tensors& tensors) {
  packed_weights packed(table_, tensors.in(), tensors.out());
  CHALK_CHECK(stack(packed, 0, tensors));
  bytes_ += packed.bytes();
  return packed;
}

result<norm_weights> weight_reader::read_norm(const norm_tensors& tensors) const {
  norm_weights norm;
  CHALK_TRY(norm.gamma, finite(*tensors.gamma));
  CHALK_TRY(norm.beta, finite(*tensors.beta));
  return norm;
}

result<lookup_table> weight_reader::read_table(const tensor_view* tensor) {
  lookup_table table;
  if (tensor == nullptr)
    return table;
  table.rows = float_data(*tensor);
  if (table.rows == nullptr) {
    CHALK_TRY(table.copy, to_float(*tensor));
    table.rows = table.copy.data();
    archive_.release(*tensor);
  }
  bytes_ += tensor->elements() * sizeof(float);
  return table;
}

result<layer_weights> weight_reader::read_layer(const layer_tensors& tensors) {
  const auto width = description_.width;
  layer_weights layer;
  layer.query_key_value = packed_weights(table_, width, 3 * width);
  CHALK_CHECK(stack(layer.query_key_value, 0, tensors.query));
  CHALK_CHECK(stack(layer.query_key_value, width, tensors.key));
  CHALK_CHECK(stack(layer.query_key_value, 2 * width, tensors.value));
  bytes_ += layer.query_key_value.bytes();
  CHALK_TRY(layer.attention_output, pack_one(tensors.attention_output));
  CHALK_TRY(layer.attention_norm, read_norm(tensors.attention_norm));
  CHALK_TRY(layer.up, pack_one(tensors.up));
  CHALK_TRY(layer.down, pack_one(tensors.down));
  CHALK_TRY(layer.output_norm, read_norm(tensors.output_norm));
  return layer;
}

result<cpu_weights> weight_reader::read(const load_progress& progress) {
  const auto& d = description_;
  cpu_weights weights;
  CHALK_TRY(weights.words, read_table(d.word_table));
  CHALK_TRY(weights.positions, read_table(d.position_table));
  CHALK_TRY(weights.types, read_table(d.type_table));
  CHALK_TRY(weights.embedding_norm, read_norm(d.embedding_norm));
  weights.embedding_width = d.projection ? d.projection->in() : d.width;
  weights.inner = d.projection ? weights.embedding_width : 0;
  if (d.projection) {
    CHALK_TRY(weights.projection, pack_one(*d.projection));
  }
  if (d.bias) {
    CHALK_TRY(weights.by_distance, bias_by_distance(*d.bias, d.heads, d.positions));
    const auto head_width = d.width / d.heads;
    const float root = std::sqrt(static_cast<float>(head_width));
    std::for_each(weights.by_distance.begin(), weights.by_distance.end(), [root](float& x) { x *= root; });
    bytes_ += weights.by_distance.size() * sizeof(float);
  }
  for (const auto& tensors : d.layers) {
    CHALK_TRY(auto layer, read_layer(tensors));
    weights.inner = std::max(weights.inner, layer.up.out());
    weights.layers.push_back(std::move(layer));
    if (progress)
      progress(static_cast<double>(weights.layers.size()) / static_cast<double>(d.layers.size()));
  }
  weights.bytes = bytes_;
  return weights;
}

} // namespace

result<cpu_weights> read_cpu_weights(const encoder_description& description, const tensor_archive& archive,
                                     const kernels::kernel_table& table, const load_progress& progress) {
  return weight_reader(description, archive, table).read(progress);
}

} // namespace chalkstream::models

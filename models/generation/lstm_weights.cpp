#include "models/generation/lstm_weights.hpp"

#include "models/generation/cpu_stack.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::models {
namespace {

class lstm_packer {
public:
  lstm_packer(const recurrent_description& description, const tensor_archive& archive,
              const kernels::kernel_table& table)
      : d_(description), archive_(archive), table_(table) {}

  result<lstm_weights> pack(const std::function<void()>& layer_done);

private:
  result<std::vector<float>> take(const tensor_view& tensor);
  result<std::vector<float>> biases(const lstm_tensors& tensors);
  result<packed_weights> map(const map_tensors& tensors, bool keep_mapped = false);
  result<lstm_source_layer> source_layer(const lstm_directions& directions);
  result<packed_weights> step(const lstm_tensors& tensors);
  result<void> words();

  const recurrent_description& d_;
  const tensor_archive& archive_;
  const kernels::kernel_table& table_;
  lstm_weights weights_;
};

result<std::vector<float>> lstm_packer::take(const tensor_view& tensor) {
  CHALK_TRY(auto values, to_finite_float(tensor));
  archive_.release(tensor);
  return values;
}

result<std::vector<float>> lstm_packer::biases(const lstm_tensors& tensors) {
  CHALK_TRY(auto sum, take(*tensors.input_bias));
  CHALK_TRY(const auto more, take(*tensors.hidden_bias));
  std::transform(sum.begin(), sum.end(), more.begin(), sum.begin(), std::plus<>());
  return sum;
}

result<packed_weights> lstm_packer::map(const map_tensors& tensors, bool keep_mapped) {
  CHALK_TRY(auto packed, pack_map(tensors, archive_, table_, keep_mapped));
  weights_.bytes += packed.bytes();
  return packed;
}

result<lstm_source_layer> lstm_packer::source_layer(const lstm_directions& directions) {
  const auto gates = 4 * directions.front().width;
  lstm_source_layer layer;
  layer.input = packed_weights(table_, directions.front().in, 2 * gates);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& tensors = directions[i];
    CHALK_TRY(const auto bias, biases(tensors));
    CHALK_TRY(const auto input, take(*tensors.input_weight));
    layer.input.fill(table_, i * gates, input, bias);
    CHALK_TRY(const auto hidden, take(*tensors.hidden_weight));
    layer.hidden[i] = packed_weights(table_, tensors.width, gates);
    layer.hidden[i].fill(table_, 0, hidden, std::vector<float>(gates));
    weights_.bytes += layer.hidden[i].bytes();
  }
  weights_.bytes += layer.input.bytes();
  return layer;
}

result<packed_weights> lstm_packer::step(const lstm_tensors& tensors) {
  CHALK_TRY(const auto bias, biases(tensors));
  CHALK_TRY(const auto input, take(*tensors.input_weight));
  CHALK_TRY(const auto hidden, take(*tensors.hidden_weight));
  std::vector<float> joined;
  joined.reserve(input.size() + hidden.size());
  const auto append_row = [&joined](const std::vector<float>& from, std::size_t row, std::size_t width) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(row * width);
    joined.insert(joined.end(), first, first + static_cast<std::ptrdiff_t>(width));
  };
  for (std::size_t row = 0; row < bias.size(); ++row) {
    append_row(input, row, tensors.in);
    append_row(hidden, row, tensors.width);
  }
  packed_weights packed(table_, tensors.in + tensors.width, bias.size());
  packed.fill(table_, 0, joined, bias);
  weights_.bytes += packed.bytes();
  return packed;
}

result<void> lstm_packer::words() {
  auto& words = weights_.words;
  words.rows = float_data(*d_.word_table);
  if (words.rows == nullptr) {
    CHALK_TRY(words.copy, to_finite_float(*d_.word_table));
    words.rows = words.copy.data();
  }
  weights_.bytes += d_.word_table->elements() * sizeof(float);
  return {};
}

result<lstm_weights> lstm_packer::pack(const std::function<void()>& layer_done) {
  CHALK_CHECK(words());
  for (const auto& directions : d_.encoder) {
    CHALK_TRY(auto layer, source_layer(directions));
    weights_.encoder.push_back(std::move(layer));
    layer_done();
  }
  for (const auto& tensors : d_.decoder) {
    CHALK_TRY(auto layer, step(tensors));
    weights_.decoder.push_back(std::move(layer));
    layer_done();
  }
  CHALK_TRY(weights_.bridge_hidden, map(d_.bridge_hidden));
  CHALK_TRY(weights_.bridge_cell, map(d_.bridge_cell));
  if (d_.query) {
    CHALK_TRY(weights_.query, map(*d_.query));
  }
  CHALK_TRY(weights_.attentional, map(d_.attentional));
  // A tied table goes on to be read where it lies.
  CHALK_TRY(weights_.output, map(d_.output, d_.output.weight == d_.word_table));
  layer_done();
  return std::move(weights_);
}

} // namespace

result<lstm_weights> read_lstm_weights(const recurrent_description& description, const tensor_archive& archive,
                                       const kernels::kernel_table& table, const std::function<void()>& layer_done) {
  return lstm_packer(description, archive, table).pack(layer_done);
}

} // namespace chalkstream::models

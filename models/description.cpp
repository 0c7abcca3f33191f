#include "models/description.hpp"

namespace chalkstream::models {

std::vector<const tensor_view*> tensors_of(const encoder_description& encoder) {
  std::vector<const tensor_view*> all;
  const auto one = [&](const tensor_view* tensor) {
    if (tensor != nullptr)
      all.push_back(tensor);
  };
  const auto linear = [&](const std::optional<linear_tensors>& of) {
    if (of) {
      one(of->weight);
      one(of->bias);
    }
  };
  const auto norm = [&](const std::optional<norm_tensors>& of) {
    if (of) {
      one(of->gamma);
      one(of->beta);
    }
  };
  one(encoder.word_table);
  one(encoder.position_table);
  one(encoder.type_table);
  norm(encoder.embedding_norm);
  linear(encoder.projection);
  for (const auto& layer : encoder.layers) {
    for (const auto& of : {layer.query, layer.key, layer.value, layer.attention_output, layer.up, layer.down})
      linear(of);
    linear(layer.position_key);
    linear(layer.position_query);
    norm(layer.attention_norm);
    norm(layer.output_norm);
  }
  if (encoder.bias)
    one(encoder.bias->table);
  if (const auto& attention = encoder.disentangled) {
    one(attention->table);
    norm(attention->norm);
  }
  if (const auto& convolution = encoder.convolution) {
    one(convolution->weight);
    one(convolution->bias);
    norm(convolution->norm);
  }
  return all;
}

} // namespace chalkstream::models

// GPT-2 (Radford et al. 2019): norms before each block and one behind the last, positions from a table, and weights
// that lie [in, out], those of query, key and value as one; alone, or with cross-attention as a decoder of pictures.
#include "models/families/generating/generating_family.hpp"
#include "models/families/generating/generator_reader.hpp"
#include "models/families/generating/picture_decoder.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace chalkstream::models::families {
namespace {

// Outputs [first, first + out) of `all`.
result<map_tensors> part(generator_reader& reader, const std::string& name, std::size_t all, std::size_t in,
                         std::size_t first, std::size_t out) {
  map_tensors map;
  map.in = in;
  map.out = out;
  map.first = first;
  map.transposed = true;
  CHALK_TRY(map.weight, reader.find.take(name + ".weight", {in, all}));
  CHALK_TRY(map.bias, reader.find.take(name + ".bias", {all}));
  return map;
}

// Queries of the lines' states, keys and values of a source's.
result<attention_tensors> read_cross(generator_reader& reader, const std::string& name, std::size_t width) {
  attention_tensors t;
  CHALK_TRY(t.query, part(reader, name + "crossattention.q_attn", width, width, 0, width));
  CHALK_TRY(t.key, part(reader, name + "crossattention.c_attn", 2 * width, width, 0, width));
  CHALK_TRY(t.value, part(reader, name + "crossattention.c_attn", 2 * width, width, width, width));
  CHALK_TRY(t.output, part(reader, name + "crossattention.c_proj", width, width, 0, width));
  CHALK_TRY(t.norm, reader.norm(name + "ln_cross_attn", width, norm_kind::layer));
  reader.find.pass_over(name + "crossattention.bias");
  reader.find.pass_over(name + "crossattention.masked_bias");
  return t;
}

result<stack_layer_tensors> read_layer(generator_reader& reader, const std::string& name,
                                       const stack_description& stack, std::size_t inner, bool cross) {
  const auto width = stack.width;
  stack_layer_tensors t;
  CHALK_TRY(t.self.query, part(reader, name + "attn.c_attn", 3 * width, width, 0, width));
  CHALK_TRY(t.self.key, part(reader, name + "attn.c_attn", 3 * width, width, width, width));
  CHALK_TRY(t.self.value, part(reader, name + "attn.c_attn", 3 * width, width, 2 * width, width));
  CHALK_TRY(t.self.output, part(reader, name + "attn.c_proj", width, width, 0, width));
  CHALK_TRY(t.self.norm, reader.norm(name + "ln_1", width, norm_kind::layer));
  if (cross) {
    CHALK_TRY(t.cross, read_cross(reader, name, width));
  }
  CHALK_TRY(t.feed_forward.up, part(reader, name + "mlp.c_fc", inner, width, 0, inner));
  CHALK_TRY(t.feed_forward.down, part(reader, name + "mlp.c_proj", width, inner, 0, width));
  CHALK_TRY(t.feed_forward.norm, reader.norm(name + "ln_2", width, norm_kind::layer));
  // Older directories keep the causal mask.
  reader.find.pass_over(name + "attn.bias");
  reader.find.pass_over(name + "attn.masked_bias");
  return t;
}

result<generator_description> describe(const settings& c, const tensor_group& weights, bool cross) {
  generator_reader reader("GPT-2", "transformer.", "wpe.weight", c, weights);
  CHALK_CHECK(require_flag(c, "add_cross_attention", cross));
  CHALK_CHECK(require_flag(c, "is_encoder_decoder", false));
  auto& stack = reader.model.decoder;
  stack.norm_before = true;
  CHALK_TRY(stack.vocabulary, read_size(c, "vocab_size", 50257, 1u << 24));
  CHALK_TRY(stack.width, read_size(c, "n_embd", 768, 1u << 16));
  CHALK_TRY(stack.heads, read_size(c, "n_head", 12, 1u << 12));
  CHALK_CHECK(require_multiple(c, "n_embd", stack.width, "n_head", stack.heads));
  stack.key_value_heads = stack.heads;
  stack.head_width = stack.width / stack.heads;
  CHALK_TRY(stack.positions, read_size(c, "n_positions", 1024, 1u << 20));
  CHALK_TRY(const auto layers, read_size(c, "n_layer", 12, 1024));
  CHALK_TRY(const auto inner, read_size(c, "n_inner", 4 * stack.width, 1u << 18));
  CHALK_TRY(stack.activation, read_activation(c, "activation_function", "gelu_new"));
  CHALK_TRY(stack.epsilon, read_epsilon(c, 1e-5, "layer_norm_epsilon"));
  CHALK_TRY(const auto scaled, c.flag("scale_attn_weights", true));
  CHALK_TRY(const auto by_layer, c.flag("scale_attn_by_inverse_layer_idx", false));
  CHALK_TRY(const auto tied, c.flag("tie_word_embeddings", true));

  CHALK_TRY(stack.word_table, reader.word_table({"wte.weight"}, stack.vocabulary, stack.width));
  CHALK_TRY(stack.position_table, reader.find.take("wpe.weight", {stack.positions, stack.width}));
  for (std::size_t i = 0; i < layers; ++i) {
    CHALK_TRY(auto layer, read_layer(reader, "h." + std::to_string(i) + ".", stack, inner, cross));
    layer.self.scale = (scaled ? 1 / std::sqrt(static_cast<float>(stack.head_width)) : 1.0f)
                       / (by_layer ? static_cast<float>(i + 1) : 1.0f);
    if (layer.cross)
      layer.cross->scale = layer.self.scale;
    stack.layers.push_back(layer);
  }
  CHALK_TRY(stack.final_norm, reader.norm("ln_f", stack.width, norm_kind::layer));
  CHALK_CHECK(reader.read_output(tied));
  return reader.finish({});
}

} // namespace

result<generator_description> describe_gpt2(const settings& configuration, const tensor_archive& weights) {
  return describe(configuration, weights, false);
}

result<generator_description> describe_gpt2_over_states(const settings& configuration, const tensor_group& weights) {
  return describe(configuration, weights, true);
}

} // namespace chalkstream::models::families

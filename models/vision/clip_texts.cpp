// The text tower of CLIP (Radford et al. 2021) as Hugging Face stores it beside the image tower: layers as BART has
// them, with norms before each block, that see what stands before them alone.
#include "models/families/generating/bart_stacks.hpp"
#include "models/vision/text_tower.hpp"

#include <array>
#include <cmath>
#include <string>

namespace chalkstream::models::vision {
namespace {

using namespace families;

// The other tower, and what compares the two.
constexpr std::array<std::string_view, 4> ignored{"vision_model.", "visual_projection.weight", "logit_scale",
                                                  "embeddings.position_ids"};
// What configurations say whose checkpoints end texts with the largest id.
constexpr std::uint64_t no_end = 2;

result<stack_layer_tensors> read_layer(generator_reader& reader, const std::string& name,
                                       const stack_description& stack, std::size_t inner) {
  stack_layer_tensors t;
  CHALK_TRY(t.self, read_bart_attention(reader, name + "self_attn", name + "layer_norm1", stack, stack.width));
  CHALK_TRY(t.feed_forward.up, reader.map(name + "mlp.fc1", inner, stack.width, map_form::biased));
  CHALK_TRY(t.feed_forward.down, reader.map(name + "mlp.fc2", stack.width, inner, map_form::biased));
  CHALK_TRY(t.feed_forward.norm, reader.norm(name + "layer_norm2", stack.width, norm_kind::layer));
  return t;
}

result<void> read_stack(generator_reader& reader, stack_description& stack) {
  const auto& c = reader.configuration;
  stack.norm_before = true;
  CHALK_TRY(stack.vocabulary, read_size(c, "vocab_size", 49408, 1u << 24));
  CHALK_TRY(stack.width, read_size(c, "hidden_size", 512, 1u << 16));
  CHALK_TRY(stack.heads, read_size(c, "num_attention_heads", 8, 1u << 12));
  CHALK_CHECK(require_multiple(c, "hidden_size", stack.width, "num_attention_heads", stack.heads));
  stack.key_value_heads = stack.heads;
  stack.head_width = stack.width / stack.heads;
  CHALK_TRY(stack.positions, read_size(c, "max_position_embeddings", 77, 1u << 20));
  CHALK_TRY(const auto layers, read_size(c, "num_hidden_layers", 12, 1024));
  CHALK_TRY(const auto inner, read_size(c, "intermediate_size", 2048, 1u << 18));
  CHALK_TRY(stack.activation, read_activation(c, "hidden_act", "quick_gelu"));
  CHALK_TRY(stack.epsilon, read_epsilon(c, 1e-5));
  CHALK_TRY(stack.word_table, reader.find.take("embeddings.token_embedding.weight", {stack.vocabulary, stack.width}));
  CHALK_TRY(stack.position_table,
            reader.find.take("embeddings.position_embedding.weight", {stack.positions, stack.width}));
  for (std::size_t i = 0; i < layers; ++i) {
    CHALK_TRY(auto layer, read_layer(reader, "encoder.layers." + std::to_string(i) + ".", stack, inner));
    stack.layers.push_back(layer);
  }
  CHALK_TRY(stack.final_norm, reader.norm("final_layer_norm", stack.width, norm_kind::layer));
  return {};
}

result<double> read_scale(tensor_lookup& find) {
  CHALK_TRY(const auto* tensor, find.head_tensor("logit_scale", {}));
  CHALK_TRY(const auto logarithm, to_finite_float(*tensor));
  return static_cast<double>(std::exp(logarithm.front()));
}

} // namespace

result<text_tower_description> describe_clip_texts(const settings& c, const tensor_group& weights) {
  static const json_value defaults{json_value::object{}};
  const auto* stated = c.find("text_config");
  const bool absent = stated == nullptr || stated->is_null();
  if (!absent && stated->as<json_value::object>() == nullptr)
    return error{errc::invalid_configuration, c.file() + ": 'text_config' must be an object"};
  const settings tower(c.file() + ": text_config", absent ? defaults : *stated);
  generator_reader reader("CLIP", "text_model.", "embeddings.token_embedding.weight", tower, weights);
  text_tower_description found;
  CHALK_CHECK(read_stack(reader, found.stack));
  CHALK_TRY(const auto end, tower.whole_number("eos_token_id", 49407));
  if (end >= found.stack.vocabulary)
    return error{errc::invalid_configuration, tower.file() + ": 'eos_token_id' is " + std::to_string(end)
                                                  + "; the vocabulary has " + std::to_string(found.stack.vocabulary)};
  if (end != no_end)
    found.end = static_cast<std::int32_t>(end);
  found.projection.in = found.stack.width;
  CHALK_TRY(found.projection.out, read_size(c, "projection_dim", 512, 1u << 16));
  CHALK_TRY(found.projection.weight,
            reader.find.head_tensor("text_projection.weight", {found.projection.out, found.projection.in}));
  CHALK_TRY(found.scale, read_scale(reader.find));
  CHALK_CHECK(reader.find.nothing_is_left("CLIP", ignored));
  return found;
}

} // namespace chalkstream::models::vision

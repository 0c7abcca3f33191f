// Llama (Touvron et al. 2023), Qwen2 and Qwen3 (Yang et al. 2024, 2025): root mean square norms before each block,
// rotary positions, grouped queries and gated layers; they differ in biases and in norms of queries and keys.
#include "models/families/generating/generating_family.hpp"
#include "models/families/generating/generator_reader.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace chalkstream::models::families {
namespace {

struct llama_shape {
  std::string_view title;
  std::size_t vocabulary;
  std::size_t inner;
  std::size_t key_value_heads; // 0: as many as heads
  std::size_t head_width;      // 0: the width divided by the heads
  std::size_t positions;
  map_form projections = map_form::plain; // of query, key and value
  map_form attention_output = map_form::plain;
  map_form feed_forward = map_form::plain;
  bool head_norms = false;
};

// Layers that see only the newest tokens are not built; a window that no layer uses does not matter.
result<void> refuse_windows(const settings& c, std::size_t layers) {
  const auto* value = c.find("layer_types");
  const auto* types = value != nullptr ? value->as<json_value::array>() : nullptr;
  if (value != nullptr && !value->is_null() && types == nullptr)
    return {errc::invalid_configuration, c.file() + ": 'layer_types' must be a list of names"};
  for (std::size_t i = 0; types != nullptr && i < types->size(); ++i) {
    const auto* name = (*types)[i].as<std::string>();
    if (name == nullptr || *name != "full_attention")
      return unsupported(c, "layer_types '" + (name != nullptr ? *name : "") + "' is not one this build knows "
                                + "(full_attention)");
  }
  CHALK_TRY(const auto windows, c.flag("use_sliding_window", false));
  CHALK_TRY(const auto first, c.whole_number("max_window_layers", 28));
  if (windows && types == nullptr && first < layers)
    return unsupported(c, "use_sliding_window true is not supported: layers from " + std::to_string(first)
                              + " on would see only the newest tokens");
  return {};
}

class llama_reader {
public:
  llama_reader(const llama_shape& shape, const settings& configuration, const tensor_archive& weights)
      : shape_(shape), reader_(shape.title, "model.", "norm.weight", configuration, weights) {}

  result<generator_description> read();

private:
  result<void> read_sizes();
  result<stack_layer_tensors> layer(const std::string& name);

  const llama_shape& shape_;
  generator_reader reader_;
  std::size_t layers_ = 0;
  std::size_t inner_ = 0;
};

result<void> llama_reader::read_sizes() {
  const auto& c = reader_.configuration;
  auto& stack = reader_.model.decoder;
  stack.norm = norm_kind::root_mean_square;
  stack.norm_before = true;
  CHALK_TRY(stack.vocabulary, read_size(c, "vocab_size", shape_.vocabulary, 1u << 24));
  CHALK_TRY(stack.width, read_size(c, "hidden_size", 4096, 1u << 16));
  CHALK_TRY(stack.heads, read_size(c, "num_attention_heads", 32, 1u << 12));
  CHALK_TRY(stack.key_value_heads,
            read_size(c, "num_key_value_heads", shape_.key_value_heads != 0 ? shape_.key_value_heads : stack.heads,
                      1u << 12));
  CHALK_CHECK(require_multiple(c, "num_attention_heads", stack.heads, "num_key_value_heads", stack.key_value_heads));
  CHALK_TRY(stack.head_width, read_size(c, "head_dim", shape_.head_width, 1u << 16, shape_.head_width == 0));
  if (stack.head_width == 0) {
    CHALK_CHECK(require_multiple(c, "hidden_size", stack.width, "num_attention_heads", stack.heads));
    stack.head_width = stack.width / stack.heads;
  }
  CHALK_TRY(stack.positions, read_size(c, "max_position_embeddings", shape_.positions, 1u << 24));
  CHALK_TRY(stack.rotary, read_rotary(c, stack.head_width, stack.positions));
  CHALK_TRY(stack.activation, read_activation(c, "hidden_act", "silu"));
  CHALK_TRY(stack.epsilon, read_epsilon(c, 1e-6, "rms_norm_eps"));
  CHALK_CHECK(require_flag(c, "use_mrope", false));
  CHALK_TRY(inner_, read_size(c, "intermediate_size", shape_.inner, 1u << 18));
  CHALK_TRY(layers_, read_size(c, "num_hidden_layers", 32, 1024));
  return refuse_windows(c, layers_);
}

result<stack_layer_tensors> llama_reader::layer(const std::string& name) {
  const auto& stack = reader_.model.decoder;
  const auto width = stack.width;
  const auto queries = stack.heads * stack.head_width;
  const auto keys = stack.key_value_heads * stack.head_width;
  const auto attention = name + "self_attn.";
  stack_layer_tensors t;
  CHALK_TRY(t.self.query, reader_.map(attention + "q_proj", queries, width, shape_.projections));
  CHALK_TRY(t.self.key, reader_.map(attention + "k_proj", keys, width, shape_.projections));
  CHALK_TRY(t.self.value, reader_.map(attention + "v_proj", keys, width, shape_.projections));
  CHALK_TRY(t.self.output, reader_.map(attention + "o_proj", width, queries, shape_.attention_output));
  if (shape_.head_norms) {
    CHALK_TRY(t.self.query_norm, reader_.find.take(attention + "q_norm.weight", {stack.head_width}));
    CHALK_TRY(t.self.key_norm, reader_.find.take(attention + "k_norm.weight", {stack.head_width}));
  }
  // A buffer of older directories; the configuration has what it was made from.
  reader_.find.pass_over(attention + "rotary_emb.inv_freq");
  t.self.scale = 1 / std::sqrt(static_cast<float>(stack.head_width));
  CHALK_TRY(t.self.norm, reader_.norm(name + "input_layernorm", width, stack.norm));
  CHALK_TRY(t.feed_forward.gate, reader_.map(name + "mlp.gate_proj", inner_, width, shape_.feed_forward));
  CHALK_TRY(t.feed_forward.up, reader_.map(name + "mlp.up_proj", inner_, width, shape_.feed_forward));
  CHALK_TRY(t.feed_forward.down, reader_.map(name + "mlp.down_proj", width, inner_, shape_.feed_forward));
  CHALK_TRY(t.feed_forward.norm, reader_.norm(name + "post_attention_layernorm", width, stack.norm));
  return t;
}

result<generator_description> llama_reader::read() {
  CHALK_CHECK(read_sizes());
  auto& stack = reader_.model.decoder;
  CHALK_TRY(stack.word_table, reader_.word_table({"embed_tokens.weight"}, stack.vocabulary, stack.width));
  for (std::size_t i = 0; i < layers_; ++i) {
    CHALK_TRY(auto read, layer("layers." + std::to_string(i) + "."));
    stack.layers.push_back(read);
  }
  CHALK_TRY(stack.final_norm, reader_.norm("norm", stack.width, stack.norm));
  // Where nothing is said these families have an output of their own.
  CHALK_TRY(const auto tied, reader_.configuration.flag("tie_word_embeddings", false));
  CHALK_CHECK(reader_.read_output(tied));
  return reader_.finish({});
}

map_form form_of(bool biased) {
  return biased ? map_form::biased : map_form::plain;
}

} // namespace

result<generator_description> describe_llama(const settings& c, const tensor_archive& weights) {
  CHALK_TRY(const auto attention, c.flag("attention_bias", false));
  CHALK_TRY(const auto feed_forward, c.flag("mlp_bias", false));
  llama_shape shape{"Llama", 32000, 11008, 0, 0, 2048};
  shape.projections = shape.attention_output = form_of(attention);
  shape.feed_forward = form_of(feed_forward);
  return llama_reader(shape, c, weights).read();
}

result<generator_description> describe_qwen2(const settings& c, const tensor_archive& weights) {
  llama_shape shape{"Qwen2", 151936, 22016, 32, 0, 32768};
  shape.projections = map_form::biased;
  return llama_reader(shape, c, weights).read();
}

result<generator_description> describe_qwen3(const settings& c, const tensor_archive& weights) {
  CHALK_TRY(const auto attention, c.flag("attention_bias", false));
  llama_shape shape{"Qwen3", 151936, 22016, 32, 128, 32768};
  shape.projections = shape.attention_output = form_of(attention);
  shape.head_norms = true;
  return llama_reader(shape, c, weights).read();
}

} // namespace chalkstream::models::families

// T5 (Raffel et al. 2020), its version 1.1 with gated layers (Flan-T5 is one), and mT5 (Xue et al. 2020): root mean
// square norms before each block, no biases, no positions but a bias by distance that the first layer holds for all,
// and scores that are not scaled.
#include "models/families/generating/generating_family.hpp"
#include "models/families/generating/generator_reader.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 1> ignored{
    "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"};

struct t5_defaults {
  std::string_view title;
  std::size_t vocabulary;
  std::size_t inner;
  std::size_t layers;
  std::size_t heads;
  std::string_view feed_forward;
};

class t5_reader {
public:
  t5_reader(const t5_defaults& defaults, const settings& configuration, const tensor_archive& weights)
      : defaults_(defaults), reader_(defaults.title, "", "shared.weight", configuration, weights) {}

  result<void> read();
  result<generator_description> finish() { return reader_.finish(ignored); }
  generator_description& model() { return reader_.model; }

private:
  result<void> read_feed_forward();
  result<stack_description> read_stack(const std::string& side, std::size_t layers);
  result<attention_tensors> attention(const std::string& layer, const char* kind, const stack_description& stack);
  result<feed_forward_tensors> feed_forward(const std::string& layer, const stack_description& stack);

  const t5_defaults& defaults_;
  generator_reader reader_;
  std::size_t inner_ = 0;
  bool gated_ = false;
  kernels::activation activation_ = kernels::activation::relu;
};

// "relu", or "gated-" and an activation, of which gelu means its approximation by tanh.
result<void> t5_reader::read_feed_forward() {
  const auto& c = reader_.configuration;
  CHALK_TRY(const auto said, c.text("feed_forward_proj", std::string(defaults_.feed_forward)));
  constexpr std::string_view gate = "gated-";
  gated_ = said.starts_with(gate);
  const auto name = gated_ ? said.substr(gate.size()) : said;
  const json_value spelt(json_value::object{{"feed_forward_proj", json_value(name)}});
  CHALK_TRY(activation_, read_activation(settings(c.file(), spelt), "feed_forward_proj"));
  if (gated_ && name == "gelu")
    activation_ = kernels::activation::gelu_tanh;
  return {};
}

result<attention_tensors> t5_reader::attention(const std::string& layer, const char* kind,
                                               const stack_description& stack) {
  const auto name = layer + kind;
  const auto inside = stack.heads * stack.head_width;
  attention_tensors t;
  CHALK_TRY(t.query, reader_.map(name + ".q", inside, stack.width, map_form::plain));
  CHALK_TRY(t.key, reader_.map(name + ".k", inside, stack.width, map_form::plain));
  CHALK_TRY(t.value, reader_.map(name + ".v", inside, stack.width, map_form::plain));
  CHALK_TRY(t.output, reader_.map(name + ".o", stack.width, inside, map_form::plain));
  CHALK_TRY(t.norm, reader_.norm(layer + "layer_norm", stack.width, stack.norm));
  return t;
}

result<feed_forward_tensors> t5_reader::feed_forward(const std::string& layer, const stack_description& stack) {
  const auto name = layer + "DenseReluDense.";
  feed_forward_tensors t;
  if (gated_) {
    CHALK_TRY(t.gate, reader_.map(name + "wi_0", inner_, stack.width, map_form::plain));
  }
  CHALK_TRY(t.up, reader_.map(name + (gated_ ? "wi_1" : "wi"), inner_, stack.width, map_form::plain));
  CHALK_TRY(t.down, reader_.map(name + "wo", stack.width, inner_, map_form::plain));
  CHALK_TRY(t.norm, reader_.norm(layer + "layer_norm", stack.width, stack.norm));
  return t;
}

result<stack_description> t5_reader::read_stack(const std::string& side, std::size_t layers) {
  const auto& c = reader_.configuration;
  const bool decodes = side == "decoder";
  stack_description stack;
  stack.norm = norm_kind::root_mean_square;
  stack.norm_before = true;
  stack.positions = unbounded_positions;
  stack.activation = activation_;
  CHALK_TRY(stack.vocabulary, read_size(c, "vocab_size", defaults_.vocabulary, 1u << 24));
  CHALK_TRY(stack.width, read_size(c, "d_model", 512, 1u << 16));
  CHALK_TRY(stack.heads, read_size(c, "num_heads", defaults_.heads, 1u << 12));
  stack.key_value_heads = stack.heads;
  CHALK_TRY(stack.head_width, read_size(c, "d_kv", 64, 1u << 16));
  CHALK_TRY(stack.epsilon, read_epsilon(c, 1e-6, "layer_norm_epsilon"));

  distance_bias bias;
  bias.before_only = decodes;
  CHALK_TRY(const auto buckets, read_size(c, "relative_attention_num_buckets", 32, 1u << 12));
  CHALK_TRY(bias.furthest, read_size(c, "relative_attention_max_distance", 128, 1u << 20));
  if (buckets % 4 != 0 || bias.furthest <= buckets / 2)
    return error{errc::invalid_configuration, c.file() + ": relative_attention_num_buckets " + std::to_string(buckets)
                                                  + " must be a multiple of 4, and less than twice "
                                                    "relative_attention_max_distance "
                                                  + std::to_string(bias.furthest)};
  CHALK_TRY(bias.table, reader_.find.take(side + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                                          {buckets, stack.heads}));
  stack.bias = bias;
  for (std::size_t i = 0; i < layers; ++i) {
    const auto part = [&](int number) {
      return side + ".block." + std::to_string(i) + ".layer." + std::to_string(number) + ".";
    };
    stack_layer_tensors t;
    CHALK_TRY(t.self, attention(part(0), "SelfAttention", stack));
    if (decodes) {
      CHALK_TRY(t.cross, attention(part(1), "EncDecAttention", stack));
    }
    CHALK_TRY(t.feed_forward, feed_forward(part(decodes ? 2 : 1), stack));
    stack.layers.push_back(t);
  }
  CHALK_TRY(stack.final_norm, reader_.norm(side + ".final_layer_norm", stack.width, stack.norm));
  const std::string other = decodes ? "encoder" : "decoder";
  CHALK_TRY(stack.word_table,
            reader_.word_table({side + ".embed_tokens.weight", "shared.weight", other + ".embed_tokens.weight"},
                               stack.vocabulary, stack.width));
  return stack;
}

result<void> t5_reader::read() {
  const auto& c = reader_.configuration;
  CHALK_CHECK(require_flag(c, "is_encoder_decoder", true));
  CHALK_CHECK(read_feed_forward());
  CHALK_TRY(inner_, read_size(c, "d_ff", defaults_.inner, 1u << 18));
  CHALK_TRY(const auto layers, read_size(c, "num_layers", defaults_.layers, 1024));
  CHALK_TRY(const auto decoder_layers, read_size(c, "num_decoder_layers", layers, 1024));
  CHALK_TRY(reader_.model.encoder, read_stack("encoder", layers));
  CHALK_TRY(reader_.model.decoder, read_stack("decoder", decoder_layers));
  CHALK_TRY(const auto tied, c.flag("tie_word_embeddings", true));
  return reader_.read_output(tied);
}

} // namespace

result<generator_description> describe_t5(const settings& configuration, const tensor_archive& weights) {
  constexpr t5_defaults defaults{"T5", 32128, 2048, 6, 8, "relu"};
  t5_reader reader(defaults, configuration, weights);
  CHALK_CHECK(reader.read());
  // Version 1.1 does not scale, and older configurations tell it apart by this flag alone.
  CHALK_TRY(const auto tied, configuration.flag("tie_word_embeddings", true));
  CHALK_TRY(const auto scaled, configuration.flag("scale_decoder_outputs", tied));
  if (scaled)
    reader.model().output_scale = 1 / std::sqrt(static_cast<float>(reader.model().decoder.width));
  return reader.finish();
}

result<generator_description> describe_mt5(const settings& configuration, const tensor_archive& weights) {
  constexpr t5_defaults defaults{"mT5", 250112, 1024, 8, 6, "gated-gelu"};
  t5_reader reader(defaults, configuration, weights);
  CHALK_CHECK(reader.read());
  return reader.finish();
}

} // namespace chalkstream::models::families

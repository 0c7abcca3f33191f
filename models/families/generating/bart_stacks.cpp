#include "models/families/generating/bart_stacks.hpp"

#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 2> ignored{"encoder.version", "decoder.version"};

class bart_reader {
public:
  bart_reader(const bart_shape& shape, const settings& configuration, const tensor_archive& weights)
      : shape_(shape),
        reader_(shape.title, "model.", "encoder.layers.0.self_attn.q_proj.weight", configuration, weights) {}

  result<generator_description> read();

private:
  result<void> read_options();
  result<stack_description> read_stack(const std::string& side);
  result<void> read_words(stack_description& encoder, stack_description& decoder);

  const bart_shape& shape_;
  generator_reader reader_;
  bool scaled_ = false;
  bool tied_ = true;
};

// Older configurations spell out what the family is; what says otherwise is another model.
result<void> bart_reader::read_options() {
  const auto& c = reader_.configuration;
  CHALK_CHECK(require_flag(c, "is_encoder_decoder", true));
  CHALK_CHECK(require_flag(c, "normalize_before", shape_.norm_before));
  CHALK_CHECK(require_flag(c, "normalize_embedding", shape_.embedding_norm));
  CHALK_CHECK(require_flag(c, "add_final_layer_norm", shape_.final_norm));
  CHALK_CHECK(require_flag(c, "static_position_embeddings", shape_.sinusoids));
  CHALK_TRY(scaled_, c.flag("scale_embedding", false));
  CHALK_TRY(tied_, c.flag("tie_word_embeddings", true));
  return {};
}

result<stack_description> bart_reader::read_stack(const std::string& side) {
  const auto& c = reader_.configuration;
  stack_description stack;
  stack.norm_before = shape_.norm_before;
  CHALK_TRY(stack.width, read_size(c, "d_model", 1024, 1u << 16));
  CHALK_TRY(stack.heads, read_size(c, side + "_attention_heads", 16, 1u << 12));
  CHALK_CHECK(require_multiple(c, "d_model", stack.width, side + "_attention_heads", stack.heads));
  stack.key_value_heads = stack.heads;
  stack.head_width = stack.width / stack.heads;
  CHALK_TRY(stack.positions,
            read_size(c, "max_position_embeddings", 1024, shape_.sinusoids ? unbounded_positions : 1u << 20));
  CHALK_TRY(stack.activation, read_activation(c, "activation_function"));
  CHALK_TRY(const auto layers, read_size(c, side + "_layers", 12, 1024));
  CHALK_TRY(const auto inner, read_size(c, side + "_ffn_dim", 4096, 1u << 18));
  stack.embedding_scale = scaled_ ? std::sqrt(static_cast<float>(stack.width)) : 1.0f;

  const auto table = side + ".embed_positions.weight";
  if (!shape_.sinusoids) {
    CHALK_TRY(stack.position_table, reader_.find.take(table, {stack.positions + bart_rows_before, stack.width}));
    stack.first_position = bart_rows_before;
  } else if (reader_.find.has(table)) {
    CHALK_TRY(stack.position_table, reader_.find.take(table, {stack.positions, stack.width}));
  } else {
    stack.sinusoids = static_cast<double>(stack.width) / 2;
  }
  if (shape_.embedding_norm) {
    CHALK_TRY(stack.embedding_norm, reader_.norm(side + ".layernorm_embedding", stack.width, norm_kind::layer));
  }
  for (std::size_t i = 0; i < layers; ++i) {
    CHALK_TRY(auto read, read_bart_layer(reader_, side + ".layers." + std::to_string(i) + ".", stack, inner,
                                         side == "decoder" ? stack.width : 0));
    stack.layers.push_back(read);
  }
  if (shape_.final_norm) {
    CHALK_TRY(stack.final_norm, reader_.norm(side + ".layer_norm", stack.width, norm_kind::layer));
  }
  return stack;
}

result<void> bart_reader::read_words(stack_description& encoder, stack_description& decoder) {
  const auto& c = reader_.configuration;
  CHALK_TRY(encoder.vocabulary, read_size(c, "vocab_size", shape_.vocabulary, 1u << 24));
  decoder.vocabulary = encoder.vocabulary;
  CHALK_TRY(const auto shared, c.flag("share_encoder_decoder_embeddings", true));
  if (!shared && !shape_.own_tables)
    return unsupported(c, "share_encoder_decoder_embeddings false is not supported for this family");
  constexpr const char* of_encoder = "encoder.embed_tokens.weight";
  constexpr const char* of_decoder = "decoder.embed_tokens.weight";
  constexpr const char* of_both = "shared.weight";
  if (shared) {
    CHALK_TRY(encoder.word_table,
              reader_.word_table({of_encoder, of_both, of_decoder}, encoder.vocabulary, encoder.width));
    CHALK_TRY(decoder.word_table,
              reader_.word_table({of_decoder, of_both, of_encoder}, decoder.vocabulary, decoder.width));
    return {};
  }
  CHALK_TRY(decoder.vocabulary, read_size(c, "decoder_vocab_size", encoder.vocabulary, 1u << 24));
  CHALK_TRY(encoder.word_table, reader_.find.take(of_encoder, {encoder.vocabulary, encoder.width}));
  CHALK_TRY(decoder.word_table, reader_.word_table({of_decoder}, decoder.vocabulary, decoder.width));
  return {};
}

result<generator_description> bart_reader::read() {
  CHALK_CHECK(read_options());
  auto& model = reader_.model;
  CHALK_TRY(model.encoder, read_stack("encoder"));
  CHALK_TRY(model.decoder, read_stack("decoder"));
  CHALK_CHECK(read_words(*model.encoder, model.decoder));
  CHALK_CHECK(reader_.read_output(tied_));
  constexpr const char* bias = "final_logits_bias";
  if (reader_.find.has_head(bias)) {
    CHALK_TRY(model.output.bias, reader_.find.head_tensor(bias, {1, model.decoder.vocabulary}));
  }
  return reader_.finish(ignored);
}

} // namespace

result<attention_tensors> read_bart_attention(generator_reader& reader, const std::string& name,
                                              const std::string& norm, const stack_description& stack,
                                              std::size_t seen) {
  attention_tensors t;
  const auto map = [&](const char* part, std::size_t in) {
    return reader.map(name + part, stack.width, in, map_form::biased);
  };
  CHALK_TRY(t.query, map(".q_proj", stack.width));
  CHALK_TRY(t.key, map(".k_proj", seen));
  CHALK_TRY(t.value, map(".v_proj", seen));
  CHALK_TRY(t.output, map(".out_proj", stack.width));
  CHALK_TRY(t.norm, reader.norm(norm, stack.width, norm_kind::layer));
  t.scale = 1 / std::sqrt(static_cast<float>(stack.head_width));
  return t;
}

result<stack_layer_tensors> read_bart_layer(generator_reader& reader, const std::string& name,
                                            const stack_description& stack, std::size_t inner, std::size_t source) {
  stack_layer_tensors t;
  CHALK_TRY(t.self,
            read_bart_attention(reader, name + "self_attn", name + "self_attn_layer_norm", stack, stack.width));
  if (source > 0) {
    CHALK_TRY(t.cross,
              read_bart_attention(reader, name + "encoder_attn", name + "encoder_attn_layer_norm", stack, source));
  }
  CHALK_TRY(t.feed_forward.up, reader.map(name + "fc1", inner, stack.width, map_form::biased));
  CHALK_TRY(t.feed_forward.down, reader.map(name + "fc2", stack.width, inner, map_form::biased));
  CHALK_TRY(t.feed_forward.norm, reader.norm(name + "final_layer_norm", stack.width, norm_kind::layer));
  return t;
}

result<generator_description> describe_bart_shape(const bart_shape& shape, const settings& configuration,
                                                  const tensor_archive& weights) {
  return bart_reader(shape, configuration, weights).read();
}

} // namespace chalkstream::models::families

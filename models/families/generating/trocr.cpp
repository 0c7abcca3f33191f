// TrOCR's decoder (Li et al. 2021): layers as BART has them, with keys and values of a picture's states, which may be
// of another width; positions from a table, or sinusoids that padding has none of.
#include "models/families/generating/bart_stacks.hpp"
#include "models/families/generating/picture_decoder.hpp"

#include <array>
#include <cmath>
#include <string>

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 2> ignored{"version", "embed_positions._float_tensor"};

result<void> read_positions(generator_reader& reader, stack_description& stack) {
  const auto& c = reader.configuration;
  CHALK_TRY(const auto learned, c.flag("use_learned_position_embeddings", true));
  CHALK_TRY(stack.positions, read_size(c, "max_position_embeddings", 512, learned ? 1u << 20 : unbounded_positions));
  if (learned) {
    stack.first_position = bart_rows_before;
    CHALK_TRY(stack.position_table,
              reader.find.take("embed_positions.weight", {stack.positions + bart_rows_before, stack.width}));
    return {};
  }
  if (stack.width % 2 != 0 || stack.width < 4)
    return unsupported(c, "d_model " + std::to_string(stack.width) + " must be even for sinusoids, and at least 4");
  CHALK_TRY(const auto padding, read_size(c, "pad_token_id", 1, stack.vocabulary - 1, true));
  stack.first_position = padding + 1;
  stack.unplaced = static_cast<std::int32_t>(padding);
  stack.sinusoids = static_cast<double>(stack.width) / 2 - 1; // as tensor2tensor has it
  return {};
}

} // namespace

result<generator_description> describe_trocr(const settings& c, const tensor_group& weights) {
  generator_reader reader("TrOCR", "model.decoder.", "layers.0.self_attn.q_proj.weight", c, weights,
                          "output_projection.weight");
  auto& stack = reader.model.decoder;
  CHALK_TRY(stack.vocabulary, read_size(c, "vocab_size", 50265, 1u << 24));
  CHALK_TRY(stack.width, read_size(c, "d_model", 1024, 1u << 16));
  CHALK_TRY(stack.heads, read_size(c, "decoder_attention_heads", 16, 1u << 12));
  CHALK_CHECK(require_multiple(c, "d_model", stack.width, "decoder_attention_heads", stack.heads));
  stack.key_value_heads = stack.heads;
  stack.head_width = stack.width / stack.heads;
  CHALK_TRY(stack.activation, read_activation(c, "activation_function"));
  CHALK_TRY(const auto layers, read_size(c, "decoder_layers", 12, 1024));
  CHALK_TRY(const auto inner, read_size(c, "decoder_ffn_dim", 4096, 1u << 18));
  CHALK_TRY(const auto source, read_size(c, "cross_attention_hidden_size", stack.width, 1u << 16));
  CHALK_TRY(const auto scaled, c.flag("scale_embedding", false));
  CHALK_TRY(const auto normed, c.flag("layernorm_embedding", true));
  CHALK_TRY(const auto tied, c.flag("tie_word_embeddings", true));

  stack.embedding_scale = scaled ? std::sqrt(static_cast<float>(stack.width)) : 1.0f;
  CHALK_CHECK(read_positions(reader, stack));
  if (normed) {
    CHALK_TRY(stack.embedding_norm, reader.norm("layernorm_embedding", stack.width, norm_kind::layer));
  }
  for (std::size_t i = 0; i < layers; ++i) {
    CHALK_TRY(auto layer, read_bart_layer(reader, "layers." + std::to_string(i) + ".", stack, inner, source));
    stack.layers.push_back(layer);
  }
  CHALK_TRY(stack.word_table, reader.word_table({"embed_tokens.weight"}, stack.vocabulary, stack.width));
  CHALK_CHECK(reader.read_output(tied));
  return reader.finish(ignored);
}

} // namespace chalkstream::models::families

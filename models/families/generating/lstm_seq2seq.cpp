// Sequence to sequence with LSTMs and attention: global attention ("general" or "dot") and input feeding of Luong,
// Pham and Manning 2015, "Effective approaches to attention-based neural machine translation"; the encoder that reads
// in both directions, and the decoder that begins with what it read last, of Bahdanau, Cho and Bengio 2015, "Neural
// machine translation by jointly learning to align and translate". Hugging Face has no such model: the names are
// PyTorch's nn.LSTM's, and this project's own around them.
#include "models/families/generating/generating_family.hpp"
#include "models/families/generating/generator_reader.hpp"

#include <string>
#include <utility>

namespace chalkstream::models::families {
namespace {

// More would not be a smaller error, and a line's state must fit into a block of a cache.
constexpr std::size_t most_layers = 15;

class lstm_reader {
public:
  lstm_reader(const settings& configuration, const tensor_archive& weights)
      : reader_("LSTM", "", "", configuration, weights) {}

  result<recurrent_description> read();

private:
  result<std::size_t> size(std::string_view key, std::size_t limit);
  result<void> read_sizes();
  result<void> read_encoder();
  result<void> read_decoder();
  result<void> read_attention();
  result<lstm_tensors> layer(const std::string& name, const std::string& suffix, std::size_t in, std::size_t width);

  generator_reader reader_;
  recurrent_description model_;
  std::size_t encoder_layers_ = 0;
  std::size_t decoder_layers_ = 0;
};

// No size goes without saying.
result<std::size_t> lstm_reader::size(std::string_view key, std::size_t limit) {
  CHALK_TRY(const auto said, reader_.configuration.whole_number(key, std::nullopt));
  return read_size(reader_.configuration, key, said, limit);
}

result<void> lstm_reader::read_sizes() {
  const auto& c = reader_.configuration;
  CHALK_CHECK(require_flag(c, "is_encoder_decoder", true));
  CHALK_CHECK(require_flag(c, "bidirectional", true));
  CHALK_TRY(model_.vocabulary, size("vocab_size", 1u << 24));
  CHALK_TRY(model_.embedding_width, size("embedding_size", 1u << 16));
  CHALK_TRY(model_.width, size("hidden_size", 1u << 16));
  CHALK_CHECK(require_multiple(c, "hidden_size", model_.width, "the number of the encoder's directions,", 2));
  CHALK_TRY(encoder_layers_, size("encoder_layers", most_layers));
  CHALK_TRY(decoder_layers_, size("decoder_layers", most_layers));
  CHALK_TRY(model_.positions, size("max_position_embeddings", unbounded_positions));
  CHALK_TRY(model_.input_feeding, c.flag("input_feeding", true));
  return {};
}

result<lstm_tensors> lstm_reader::layer(const std::string& name, const std::string& suffix, std::size_t in,
                                        std::size_t width) {
  lstm_tensors t;
  t.in = in;
  t.width = width;
  CHALK_TRY(t.input_weight, reader_.find.take(name + ".weight_ih_" + suffix, {4 * width, in}));
  CHALK_TRY(t.hidden_weight, reader_.find.take(name + ".weight_hh_" + suffix, {4 * width, width}));
  CHALK_TRY(t.input_bias, reader_.find.take(name + ".bias_ih_" + suffix, {4 * width}));
  CHALK_TRY(t.hidden_bias, reader_.find.take(name + ".bias_hh_" + suffix, {4 * width}));
  return t;
}

result<void> lstm_reader::read_encoder() {
  for (std::size_t i = 0; i < encoder_layers_; ++i) {
    const auto in = i == 0 ? model_.embedding_width : model_.width;
    const auto suffix = "l" + std::to_string(i);
    CHALK_TRY(const auto forwards, layer("encoder", suffix, in, model_.width / 2));
    CHALK_TRY(const auto backwards, layer("encoder", suffix + "_reverse", in, model_.width / 2));
    model_.encoder.push_back({forwards, backwards});
  }
  return {};
}

result<void> lstm_reader::read_decoder() {
  for (std::size_t i = 0; i < decoder_layers_; ++i) {
    const auto fed = model_.input_feeding ? model_.width : 0;
    const auto in = i == 0 ? model_.embedding_width + fed : model_.width;
    CHALK_TRY(const auto read, layer("decoder", "l" + std::to_string(i), in, model_.width));
    model_.decoder.push_back(read);
  }
  const auto all = decoder_layers_ * model_.width;
  CHALK_TRY(model_.bridge_hidden, reader_.map("bridge.hidden", all, model_.width, map_form::biased));
  CHALK_TRY(model_.bridge_cell, reader_.map("bridge.cell", all, model_.width, map_form::biased));
  return {};
}

result<void> lstm_reader::read_attention() {
  const auto& c = reader_.configuration;
  const auto width = model_.width;
  CHALK_TRY(const auto attention, c.text("attention", "general"));
  if (attention == "general") {
    CHALK_TRY(model_.query, reader_.map("attention.query", width, width, map_form::plain));
  } else if (attention != "dot") {
    return unsupported(c, "attention '" + attention + "' is not one this build knows (general, dot)");
  }
  CHALK_TRY(model_.attentional, reader_.map("attention.output", width, 2 * width, map_form::plain));
  return {};
}

result<recurrent_description> lstm_reader::read() {
  const auto& c = reader_.configuration;
  CHALK_CHECK(read_sizes());
  CHALK_TRY(model_.word_table, reader_.find.take("embedding.weight", {model_.vocabulary, model_.embedding_width}));
  CHALK_CHECK(read_encoder());
  CHALK_CHECK(read_decoder());
  CHALK_CHECK(read_attention());
  CHALK_TRY(const auto tied, c.flag("tie_word_embeddings", false));
  if (tied && model_.embedding_width != model_.width)
    return error{errc::invalid_configuration, c.file() + ": tie_word_embeddings true needs an embedding_size ("
                                                  + std::to_string(model_.embedding_width) + ") that is hidden_size ("
                                                  + std::to_string(model_.width) + ")"};
  auto& output = model_.output;
  output.in = model_.width;
  output.out = model_.vocabulary;
  output.weight = model_.word_table;
  if (!tied) {
    CHALK_TRY(output.weight, reader_.find.take("lm_head.weight", {output.out, output.in}));
  }
  CHALK_TRY(output.bias, reader_.find.take("lm_head.bias", {output.out}));
  CHALK_CHECK(reader_.find.nothing_is_left("LSTM", {}));
  return std::move(model_);
}

} // namespace

result<recurrent_description> describe_lstm_seq2seq(const settings& configuration, const tensor_archive& weights) {
  return lstm_reader(configuration, weights).read();
}

} // namespace chalkstream::models::families

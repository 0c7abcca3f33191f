#include "models/training/starting_lstm.hpp"

#include "models/document.hpp"
#include "models/families/configuration.hpp"
#include "models/families/generating/generating_family.hpp"
#include "models/loading.hpp"
#include "models/training/drawn_tensors.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace chalkstream::models::training {

namespace {

using json = nlohmann::ordered_json;

result<void> describe(const std::string& file, starting_lstm& into) {
  CHALK_TRY(const auto root, parse_json(into.configuration));
  const settings c(file, root);
  CHALK_TRY(into.model, families::describe_lstm_seq2seq(c, *into.weights));
  CHALK_TRY(into.dropout, families::read_rate(c, {"dropout"}, 0));
  return {};
}

std::string configuration_of(const lstm_sizes& sizes, const new_vocabulary& words) {
  const json config = {{"architectures", {"LstmForConditionalGeneration"}},
                       {"model_type", "lstm_seq2seq"},
                       {"is_encoder_decoder", true},
                       {"vocab_size", words.size},
                       {"embedding_size", sizes.width},
                       {"hidden_size", sizes.width},
                       {"encoder_layers", sizes.encoder_layers},
                       {"decoder_layers", sizes.decoder_layers},
                       {"bidirectional", true},
                       {"attention", "general"},
                       {"input_feeding", true},
                       {"tie_word_embeddings", true},
                       {"max_position_embeddings", sizes.positions},
                       {"dropout", sizes.dropout},
                       {"pad_token_id", words.pad},
                       {"bos_token_id", words.start},
                       {"eos_token_id", words.end},
                       {"decoder_start_token_id", words.start}};
  return config.dump(2) + "\n";
}

/// As PyTorch's layers begin, but for gates that start by keeping what they hold (Jozefowicz et al. 2015).
class lstm_drawer {
public:
  lstm_drawer(const lstm_sizes& sizes, std::uint64_t seed) : sizes_(sizes), tensors_(seed) {}

  result<std::shared_ptr<const tensor_archive>> draw(std::size_t vocabulary) {
    const auto width = sizes_.width;
    tensors_.draw_normal("embedding.weight", {vocabulary, width}, 1 / std::sqrt(static_cast<double>(width)));
    tensors_.fill("lm_head.bias", {vocabulary}, 0);
    for (std::size_t i = 0; i < sizes_.encoder_layers; ++i)
      for (const char* direction : {"", "_reverse"})
        layer("encoder", "_l" + std::to_string(i) + direction, width, width / 2);
    for (std::size_t i = 0; i < sizes_.decoder_layers; ++i)
      layer("decoder", "_l" + std::to_string(i), i == 0 ? 2 * width : width, width);
    for (const std::string part : {"bridge.hidden", "bridge.cell"}) {
      map(part + ".weight", sizes_.decoder_layers * width, width);
      tensors_.fill(part + ".bias", {sizes_.decoder_layers * width}, 0);
    }
    map("attention.query.weight", width, width);
    map("attention.output.weight", width, 2 * width);
    return std::move(tensors_).archive();
  }

private:
  // Of a uniform distribution between -1 and 1 over the root of the inputs.
  void map(const std::string& name, std::size_t out, std::size_t in) {
    tensors_.draw_normal(name, {out, in}, 1 / std::sqrt(3 * static_cast<double>(in)));
  }

  void layer(const std::string& name, const std::string& suffix, std::size_t in, std::size_t width) {
    map(name + ".weight_ih" + suffix, 4 * width, in);
    map(name + ".weight_hh" + suffix, 4 * width, width);
    tensors_.fill(name + ".bias_ih" + suffix, {4 * width}, 0);
    tensors_.fill_range(name + ".bias_hh" + suffix, {4 * width}, width, 2 * width, 1);
  }

  const lstm_sizes& sizes_;
  drawn_tensors tensors_;
};

} // namespace

result<bool> is_lstm(const std::filesystem::path& directory) {
  CHALK_TRY(const auto root, read_configuration(directory));
  CHALK_TRY(const auto* family, families::generating_family_of(settings((directory / "config.json").string(), root)));
  return family->describe_recurrent != nullptr;
}

result<starting_lstm> start_lstm_from(const std::filesystem::path& directory) {
  const auto file = directory / "config.json";
  starting_lstm made;
  CHALK_TRY(made.configuration, read_text(file));
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  made.weights = std::make_shared<const tensor_archive>(std::move(archive));
  if (auto described = describe(file.string(), made); !described)
    return located(directory, described.error());
  CHALK_TRY(made.generation, rules_of_directory(directory, made.model.vocabulary));
  return made;
}

result<starting_lstm> start_lstm_anew(const lstm_sizes& sizes, const new_vocabulary& words, std::uint64_t seed) {
  if (sizes.width == 0 || sizes.width % 2 != 0)
    return error{errc::invalid_argument, "a width of " + std::to_string(sizes.width)
                                             + " cannot be shared by the two directions that an LSTM reads in"};
  starting_lstm made;
  CHALK_TRY(made.weights, lstm_drawer(sizes, seed).draw(words.size));
  made.configuration = configuration_of(sizes, words);
  CHALK_CHECK(describe("config.json", made));
  CHALK_TRY(made.generation, new_rules(sizes.positions, words));
  return made;
}

} // namespace chalkstream::models::training

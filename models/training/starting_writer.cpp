#include "models/training/starting_writer.hpp"

#include "models/document.hpp"
#include "models/families/configuration.hpp"
#include "models/loading.hpp"
#include "models/training/drawn_tensors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace chalkstream::models::training {

namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view logits_bias = "final_logits_bias";
constexpr std::string_view position_table = "embed_positions.weight";

bool is_t5(const starting_writer& of) {
  return of.family->model_type == "t5" || of.family->model_type == "mt5";
}

// BART's relatives have rates of their own for each place, T5's one for all.
result<void> read_rates(const settings& c, starting_writer& into) {
  auto& rates = into.learning;
  if (is_t5(into)) {
    CHALK_TRY(const auto rate, families::read_rate(c, {"dropout_rate"}, 0.1));
    rates.embeddings = rates.blocks = rates.activation = rates.output = into.attention_dropout = rate;
    return {};
  }
  CHALK_TRY(const auto rate, families::read_rate(c, {"dropout"}, 0.1));
  rates.embeddings = rates.blocks = rate;
  CHALK_TRY(rates.activation, families::read_rate(c, {"activation_dropout"}, 0));
  CHALK_TRY(into.attention_dropout, families::read_rate(c, {"attention_dropout"}, 0));
  if (const auto* pad = c.find("pad_token_id"); pad != nullptr && !pad->is_null()) {
    CHALK_TRY(const auto id, c.whole_number("pad_token_id", std::nullopt));
    if (id < into.model.decoder.vocabulary)
      rates.padding = static_cast<std::int64_t>(id);
  }
  return {};
}

bool is_copy(const tensor_view& a, const tensor_view& b) {
  return a.type == b.type && a.shape == b.shape && std::ranges::equal(a.bytes, b.bytes);
}

// A directory may keep copies of a table that is shared; what learns is one. Where they differ, they are not shared,
// whatever the configuration says: so does transformers read it.
result<void> share_tables(const settings& c, starting_writer& into) {
  auto& encoder = *into.model.encoder;
  auto& decoder = into.model.decoder;
  CHALK_TRY(const auto shared, c.flag("share_encoder_decoder_embeddings", true));
  CHALK_TRY(const auto tied, c.flag("tie_word_embeddings", true));
  if (shared && is_copy(*encoder.word_table, *decoder.word_table)) {
    into.shared_from = encoder.word_table->name;
    const auto& layer = encoder.layers.front().self.query.weight->name;
    into.shared_to = std::string(layer.starts_with("model.") ? "model." : "") + "shared.weight";
    decoder.word_table = encoder.word_table;
  }
  if (tied && is_copy(*into.model.output.weight, *decoder.word_table))
    into.model.output.weight = decoder.word_table;
  return {};
}

void find_fixed(starting_writer& into) {
  const bool sinusoids = into.family->model_type == "marian" || into.family->model_type == "pegasus";
  for (const auto& tensor : into.weights->tensors())
    if (tensor.name == logits_bias || (sinusoids && tensor.name.ends_with(position_table)))
      into.fixed.insert(tensor.name);
}

/// Once weights and configuration are there; `file` is what messages call the latter.
result<void> describe(const std::string& file, starting_writer& into) {
  CHALK_TRY(const auto root, parse_json(into.configuration));
  const settings c(file, root);
  CHALK_TRY(into.family, families::generating_family_of(c));
  CHALK_TRY(into.model, into.family->describe(c, *into.weights));
  if (!into.model.encoder)
    return families::unsupported(
        c, "a model of the family '" + std::string(into.family->model_type)
               + "' has no encoder: seq2seq learns from BART, mBART, Marian, Pegasus, T5, mT5 and LSTMs");
  CHALK_CHECK(share_tables(c, into));
  CHALK_CHECK(read_rates(c, into));
  find_fixed(into);
  return {};
}

std::string configuration_of(const transformer_sizes& sizes, const new_vocabulary& words) {
  const json config = {{"architectures", {"MarianMTModel"}},
                       {"model_type", "marian"},
                       {"is_encoder_decoder", true},
                       {"vocab_size", words.size},
                       {"decoder_vocab_size", words.size},
                       {"d_model", sizes.width},
                       {"encoder_layers", sizes.encoder_layers},
                       {"encoder_attention_heads", sizes.heads},
                       {"encoder_ffn_dim", sizes.inner},
                       {"decoder_layers", sizes.decoder_layers},
                       {"decoder_attention_heads", sizes.heads},
                       {"decoder_ffn_dim", sizes.inner},
                       {"max_position_embeddings", sizes.positions},
                       {"activation_function", "swish"},
                       {"scale_embedding", true},
                       {"static_position_embeddings", true},
                       {"share_encoder_decoder_embeddings", true},
                       {"tie_word_embeddings", true},
                       {"dropout", sizes.dropout},
                       {"attention_dropout", 0.0},
                       {"activation_dropout", 0.0},
                       {"init_std", 0.02},
                       {"pad_token_id", words.pad},
                       {"bos_token_id", words.start},
                       {"eos_token_id", words.end},
                       {"decoder_start_token_id", words.start},
                       {"forced_eos_token_id", words.end}};
  return config.dump(2) + "\n";
}

// Glorot and Bengio's for maps; words have length 1 or so, and are multiplied by the root of the width.
void draw_stack(const std::string& side, std::size_t layers, const transformer_sizes& sizes, drawn_tensors& into) {
  const auto map = [&](const std::string& name, std::size_t out, std::size_t in) {
    into.draw_normal(name + ".weight", {out, in}, std::sqrt(2.0 / static_cast<double>(in + out)));
    into.fill(name + ".bias", {out}, 0);
  };
  const auto norm = [&](const std::string& name) {
    into.fill(name + ".weight", {sizes.width}, 1);
    into.fill(name + ".bias", {sizes.width}, 0);
  };
  for (std::size_t i = 0; i < layers; ++i) {
    const auto layer = "model." + side + ".layers." + std::to_string(i) + ".";
    for (const std::string attention : {"self_attn", "encoder_attn"}) {
      if (attention == "encoder_attn" && side == "encoder")
        continue;
      for (const char* part : {".q_proj", ".k_proj", ".v_proj", ".out_proj"})
        map(layer + attention + part, sizes.width, sizes.width);
      norm(layer + attention + "_layer_norm");
    }
    map(layer + "fc1", sizes.inner, sizes.width);
    map(layer + "fc2", sizes.width, sizes.inner);
    norm(layer + "final_layer_norm");
  }
}

} // namespace

result<starting_writer> start_writing_from(const std::filesystem::path& directory) {
  const auto file = directory / "config.json";
  starting_writer made;
  CHALK_TRY(const auto root, read_configuration(directory));
  CHALK_TRY(const auto text, read_text(file));
  CHALK_TRY(const auto* family, families::generating_family_of(settings(file.string(), root))); // before weights
  if (family->describe == nullptr)
    return error{errc::unsupported, file.string() + ": a model of the family '" + std::string(family->model_type)
                                        + "' is no stack of layers with attention to themselves"};
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  made.weights = std::make_shared<const tensor_archive>(std::move(archive));
  auto config = json::parse(text, nullptr, false); // read within bounds already
  for (const char* stale : {"_name_or_path", "torch_dtype", "dtype", "auto_map"})
    config.erase(stale); // written in float32
  made.configuration = config.dump(2) + "\n";
  if (auto described = describe(file.string(), made); !described)
    return located(directory, described.error());

  CHALK_TRY(made.generation, rules_of_directory(directory, made.model.decoder.vocabulary));
  return made;
}

result<starting_writer> start_writing_anew(const transformer_sizes& sizes, const new_vocabulary& words,
                                           std::uint64_t seed) {
  if (sizes.heads == 0 || sizes.width % sizes.heads != 0)
    return error{errc::invalid_argument, "a width of " + std::to_string(sizes.width) + " cannot be shared by "
                                             + std::to_string(sizes.heads) + " heads"};
  drawn_tensors tensors(seed);
  tensors.draw_normal("model.shared.weight", {words.size, sizes.width},
                      1 / std::sqrt(static_cast<double>(sizes.width)));
  draw_stack("encoder", sizes.encoder_layers, sizes, tensors);
  draw_stack("decoder", sizes.decoder_layers, sizes, tensors);
  tensors.fill(std::string(logits_bias), {1, words.size}, 0);
  starting_writer made;
  CHALK_TRY(made.weights, std::move(tensors).archive());
  made.configuration = configuration_of(sizes, words);
  CHALK_CHECK(describe("config.json", made));
  CHALK_TRY(made.generation, new_rules(sizes.positions, words));
  return made;
}

} // namespace chalkstream::models::training

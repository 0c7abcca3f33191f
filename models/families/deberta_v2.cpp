// DeBERTa v2 and v3 (He et al. 2021): attention to content and to distances apart, in v2 with a convolution beside
// the first layer.
#include "models/families/family.hpp"
#include "models/families/family_reader.hpp"

#include <algorithm>
#include <cctype>

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 2> headless{"Model", "ForMaskedLM"};
// v3 is published with a table of positions it does not use.
constexpr std::array<std::string_view, 5> ignored{"embeddings.position_ids", "embeddings.position_embeddings.weight",
                                                  "cls.", "lm_predictions.", "mask_predictions."};

// Lists come as such or as "c2p|p2c".
result<std::vector<std::string>> read_words(const settings& c, std::string_view key) {
  std::vector<std::string> words;
  const auto* value = c.find(key);
  if (value == nullptr || value->is_null())
    return words;
  if (const auto* list = value->as<json_value::array>()) {
    for (const auto& item : *list) {
      const auto* word = item.as<std::string>();
      if (word == nullptr)
        return error{errc::invalid_configuration,
                     c.file() + ": '" + std::string(key) + "' must be a list of strings"};
      words.push_back(*word);
    }
    return words;
  }
  CHALK_TRY(const auto text, c.text(key, std::nullopt));
  words.emplace_back();
  for (const char letter : text) {
    if (letter == '|')
      words.emplace_back();
    else if (letter != ' ')
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return words;
}

// -1 and 0 stand for "none".
result<std::size_t> read_distance(const settings& c, std::string_view key) {
  CHALK_TRY(const auto said, c.number(key, -1));
  if (said != -1 && (said < 0 || said > (1u << 20) || said != static_cast<double>(static_cast<std::size_t>(said))))
    return error{errc::invalid_configuration,
                 c.file() + ": '" + std::string(key) + "' must be -1 or a whole number up to 1048576"};
  return said < 0 ? std::size_t{0} : static_cast<std::size_t>(said);
}

// Sizes that DeBERTa's own code can vary and no published model does.
result<void> refuse_odd_sizes(const settings& c, const encoder_description& encoder) {
  CHALK_CHECK(require_number(c, "embedding_size", encoder.width));
  CHALK_CHECK(require_number(c, "attention_head_size", encoder.width / encoder.heads));
  return require_number(c, "pooler_hidden_size", encoder.width);
}

result<void> read_convolution(family_reader& reader) {
  const auto& c = reader.configuration;
  auto& encoder = reader.model.encoder;
  CHALK_TRY(const auto kernel, read_size(c, "conv_kernel_size", 0, 255, true));
  if (kernel == 0)
    return {};
  convolution_tensors convolution;
  CHALK_TRY(convolution.groups, read_size(c, "conv_groups", 1, encoder.width));
  if (kernel % 2 == 0 || encoder.width % convolution.groups != 0)
    return {errc::invalid_configuration, c.file() + ": conv_kernel_size " + std::to_string(kernel)
                                             + " must be odd, and conv_groups " + std::to_string(convolution.groups)
                                             + " must divide hidden_size"};
  CHALK_TRY(convolution.activation, read_activation(c, "conv_act", "tanh"));
  const std::vector<std::size_t> shape{encoder.width, encoder.width / convolution.groups, kernel};
  CHALK_TRY(convolution.weight, reader.find.take("encoder.conv.conv.weight", shape));
  CHALK_TRY(convolution.bias, reader.find.take("encoder.conv.conv.bias", {encoder.width}));
  CHALK_TRY(convolution.norm, reader.find.norm("encoder.conv.LayerNorm", encoder.width));
  encoder.convolution = convolution;
  return {};
}

result<void> read_kinds(const settings& c, disentangled_attention& attention) {
  CHALK_TRY(const auto kinds, read_words(c, "pos_att_type"));
  for (const auto& kind : kinds) {
    attention.content_to_position |= kind == "c2p";
    attention.position_to_content |= kind == "p2c";
    if (kind != "c2p" && kind != "p2c" && !kind.empty())
      return unsupported(c, "pos_att_type '" + kind + "' is not one this build knows (c2p, p2c)");
  }
  return {};
}

result<bool> read_norm(const settings& c) {
  CHALK_TRY(const auto steps, read_words(c, "norm_rel_ebd"));
  for (const auto& step : steps)
    if (step != "layer_norm" && step != "none")
      return unsupported(c, "norm_rel_ebd '" + step + "' is not one this build knows (layer_norm, none)");
  return std::find(steps.begin(), steps.end(), "layer_norm") != steps.end();
}

result<void> read_attention(family_reader& reader) {
  const auto& c = reader.configuration;
  auto& encoder = reader.model.encoder;
  disentangled_attention attention;
  CHALK_CHECK(read_kinds(c, attention));
  CHALK_TRY(const bool relative, c.flag("relative_attention", false));
  const bool any = attention.content_to_position || attention.position_to_content;
  if (relative != any)
    return unsupported(c, "relative_attention " + std::string(relative ? "true without" : "false with")
                              + " a pos_att_type is not supported");
  CHALK_TRY(const bool normed, read_norm(c));
  if (normed) {
    CHALK_TRY(attention.norm, reader.find.norm("encoder.LayerNorm", encoder.width));
  }
  if (!relative)
    return {};
  CHALK_TRY(attention.buckets, read_distance(c, "position_buckets"));
  CHALK_TRY(attention.furthest, read_distance(c, "max_relative_positions"));
  if (attention.furthest == 0)
    attention.furthest = encoder.positions;
  attention.span = attention.buckets > 0 ? attention.buckets : attention.furthest;
  if (attention.buckets > 0 && (attention.buckets < 4 || attention.furthest <= attention.buckets / 2 + 1))
    return {errc::invalid_configuration, c.file() + ": position_buckets " + std::to_string(attention.buckets)
                                             + " does not go with max_relative_positions "
                                             + std::to_string(attention.furthest)};
  CHALK_TRY(attention.table, reader.find.take("encoder.rel_embeddings.weight", {2 * attention.span, encoder.width}));
  encoder.disentangled = attention;

  CHALK_TRY(const bool shared, c.flag("share_att_key", false));
  for (std::size_t i = 0; i < encoder.layers.size() && !shared; ++i) {
    const auto position = [&](std::string_view tensor) {
      return reader.find.linear(reader.layer_name(i, tensor), encoder.width, encoder.width);
    };
    if (attention.content_to_position) {
      CHALK_TRY(encoder.layers[i].position_key, position("attention.self.pos_key_proj"));
    }
    if (attention.position_to_content) {
      CHALK_TRY(encoder.layers[i].position_query, position("attention.self.pos_query_proj"));
    }
  }
  return {};
}

} // namespace

constexpr family_names deberta_v2_names{.title = "DeBERTa",
                                        .stem = "DebertaV2",
                                        .headless = headless,
                                        .prefix = "deberta.",
                                        .ignored = ignored,
                                        .vocabulary = {"vocab_size", 128100},
                                        .width = {"hidden_size", 1536},
                                        .layers = {"num_hidden_layers", 24},
                                        .heads = {"num_attention_heads", 24},
                                        .inner = {"intermediate_size", 6144},
                                        .types = {"type_vocab_size", 0},
                                        .epsilon = 1e-7,
                                        .query = "attention.self.query_proj",
                                        .key = "attention.self.key_proj",
                                        .value = "attention.self.value_proj",
                                        .head = {"pooler.dense", false, kernels::activation::gelu, "classifier"}};

result<model_description> describe_deberta_v2(const settings& configuration, const tensor_archive& weights) {
  family_reader reader(deberta_v2_names, configuration, weights);
  CHALK_CHECK(reader.read_configuration());
  const auto& encoder = reader.model.encoder;
  CHALK_CHECK(refuse_odd_sizes(configuration, encoder));
  CHALK_TRY(const bool positions, configuration.flag("position_biased_input", true));
  CHALK_CHECK(reader.read_embeddings(encoder.width, positions));
  CHALK_CHECK(reader.read_layers());
  CHALK_CHECK(read_attention(reader));
  CHALK_CHECK(read_convolution(reader));
  CHALK_TRY(const auto activation, read_activation(configuration, "pooler_hidden_act"));
  CHALK_CHECK(reader.read_head(activation));
  return reader.finish();
}

} // namespace chalkstream::models::families

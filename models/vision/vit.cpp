// ViT (Dosovitskiy et al. 2021) and DeiT (Touvron et al. 2021), which has one token more, as Hugging Face stores
// them.
#include "models/vision/network_reader.hpp"
#include "models/vision/vision_family.hpp"

#include <array>

namespace chalkstream::models::vision {
namespace {

constexpr std::string_view with_teacher = "ForImageClassificationWithTeacher";
// Of masked image modelling, and a pooler nobody asked for.
constexpr std::array<std::string_view, 3> ignored{"embeddings.mask_token", "decoder.", "pooler.dense."};
constexpr network_names vit_names{"ViT", "ViT", "vit.", "embeddings.cls_token", ignored};
constexpr network_names deit_names{"DeiT", "DeiT", "deit.", "embeddings.cls_token", ignored};
constexpr attention_names layer_names{
    .query = "attention.attention.query", .key = "attention.attention.key", .value = "attention.attention.value"};

result<void> read_tokens(network_reader& reader, std::size_t width, bool distilled) {
  const auto& c = reader.configuration;
  CHALK_TRY(const auto image, read_extent(c, "image_size", 224, most_pixels));
  CHALK_TRY(const auto patch, read_extent(c, "patch_size", 16, most_pixels));
  CHALK_CHECK(reader.check_size(image));
  CHALK_TRY(auto patches,
            reader.read_convolution("embeddings.patch_embeddings.projection", width, reader.input.channels, patch));
  patches.stride = patch;
  tokens_of_map tokens;
  for (const char* name : {"cls_token", "distillation_token"}) {
    if (!distilled && !tokens.prefix.empty())
      break;
    CHALK_TRY(const auto* token, reader.find.take(std::string("embeddings.") + name, {1, 1, width}));
    tokens.prefix.push_back(token);
  }
  const auto count = image.height / patch.height * (image.width / patch.width) + tokens.prefix.size();
  CHALK_TRY(tokens.positions, reader.find.take("embeddings.position_embeddings", {1, count, width}));
  reader.made.trunk.emplace_back(patches);
  reader.made.trunk.emplace_back(std::move(tokens));
  return {};
}

result<void> read_layers(network_reader& reader, std::size_t width) {
  const auto& c = reader.configuration;
  CHALK_TRY(const auto layers, read_size(c, "num_hidden_layers", 12, most_layers));
  CHALK_TRY(const auto heads, read_size(c, "num_attention_heads", 12, 1u << 12));
  CHALK_CHECK(families::require_multiple(c, "hidden_size", width, "num_attention_heads", heads));
  CHALK_CHECK(families::require_number(c, "head_dim", width / heads));
  CHALK_TRY(const auto inner, read_size(c, "intermediate_size", 3072, 1u << 18));
  CHALK_TRY(const auto activation, read_activation(c, "hidden_act"));
  CHALK_TRY(const auto epsilon, read_epsilon(c, 1e-12));
  CHALK_TRY(const auto biased, c.flag("qkv_bias", true));
  for (std::size_t i = 0; i < layers; ++i) {
    const auto name = "encoder.layer." + std::to_string(i) + ".";
    CHALK_TRY(auto layer, reader.read_attention(name, layer_names, width, inner, heads, biased, epsilon));
    layer.activation = activation;
    reader.made.trunk.emplace_back(layer);
  }
  CHALK_TRY(const auto norm, reader.read_norm("layernorm", width, epsilon));
  reader.made.trunk.emplace_back(row_norm{norm});
  return {};
}

result<void> read_embedding(network_reader& reader, std::size_t width) {
  const auto& c = reader.configuration;
  reader.made.embedding.emplace_back(first_token{});
  if (!reader.find.has("pooler.dense.weight"))
    return {};
  CHALK_TRY(const auto pooled, read_size(c, "pooler_output_size", width, most_channels));
  CHALK_TRY(const auto activation, read_activation(c, "pooler_act", "tanh"));
  CHALK_TRY(const auto pooler, reader.read_linear("pooler.dense", pooled, width));
  reader.made.embedding.emplace_back(dense{pooler, activation});
  return {};
}

result<void> read_heads(network_reader& reader, std::string_view architecture, std::size_t width) {
  if (architecture.empty())
    return {};
  CHALK_TRY(const auto labels, reader.read_labels());
  token_heads heads;
  const auto names = architecture == with_teacher
                         ? std::vector<std::string>{"cls_classifier", "distillation_classifier"}
                         : std::vector<std::string>{"classifier"};
  for (const auto& name : names) {
    CHALK_TRY(const auto head, reader.find.head_linear(name, labels, width));
    heads.heads.push_back(head);
  }
  reader.made.logits.emplace_back(std::move(heads));
  return {};
}

result<network> describe(const network_names& names, const settings& configuration, const tensor_group& weights,
                         const image_input& input, bool distilled) {
  network_reader reader(names, configuration, weights, input);
  const std::span heads(&with_teacher, distilled ? 1 : 0);
  CHALK_TRY(const auto architecture, reader.read_architecture(heads));
  CHALK_TRY(const auto width, read_size(configuration, "hidden_size", 768, most_channels));
  CHALK_CHECK(read_tokens(reader, width, distilled));
  CHALK_CHECK(read_layers(reader, width));
  CHALK_CHECK(read_embedding(reader, width));
  CHALK_CHECK(read_heads(reader, architecture, width));
  return reader.finish();
}

} // namespace

result<network> describe_vit(const settings& configuration, const tensor_group& weights, const image_input& input) {
  return describe(vit_names, configuration, weights, input, false);
}

result<network> describe_deit(const settings& configuration, const tensor_group& weights, const image_input& input) {
  return describe(deit_names, configuration, weights, input, true);
}

} // namespace chalkstream::models::vision

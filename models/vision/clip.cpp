// The image tower of CLIP (Radford et al. 2021) as Hugging Face stores it, with the text tower beside it or alone.
#include "models/vision/network_reader.hpp"
#include "models/vision/vision_family.hpp"

#include <algorithm>
#include <array>

namespace chalkstream::models::vision {
namespace {

// The other tower, and what compares the two.
constexpr std::array<std::string_view, 4> ignored{"text_model.", "text_projection.weight", "logit_scale",
                                                  "embeddings.position_ids"};
constexpr network_names names{"CLIP", "CLIP", "vision_model.", "embeddings.class_embedding", ignored};
constexpr attention_names layer_names{.norm = "layer_norm1",
                                      .query = "self_attn.q_proj",
                                      .key = "self_attn.k_proj",
                                      .value = "self_attn.v_proj",
                                      .output = "self_attn.out_proj",
                                      .inner_norm = "layer_norm2",
                                      .up = "mlp.fc1",
                                      .down = "mlp.fc2"};
constexpr std::array<std::string_view, 3> architectures{"CLIPModel", "CLIPVisionModel",
                                                        "CLIPVisionModelWithProjection"};

result<void> check_architecture(const settings& c) {
  CHALK_TRY(const auto name, families::read_architecture_name(c));
  if (name.empty() || std::ranges::find(architectures, name) != architectures.end())
    return {};
  return families::unsupported(c, "architecture '" + name
                                      + "' is not one this build knows (CLIPModel, CLIPVisionModel, "
                                        "CLIPVisionModelWithProjection)");
}

result<void> read_tokens(network_reader& reader, std::size_t width, float epsilon) {
  const auto& c = reader.configuration;
  CHALK_TRY(const auto side, read_size(c, "image_size", 224, most_pixels));
  CHALK_TRY(const auto patch, read_size(c, "patch_size", 32, most_pixels));
  CHALK_CHECK(reader.check_size({side, side}));
  CHALK_TRY(auto patches, reader.read_convolution("embeddings.patch_embedding", width, reader.input.channels,
                                                  {patch, patch}, false));
  patches.stride = {patch, patch};
  tokens_of_map tokens;
  CHALK_TRY(const auto* first, reader.find.take("embeddings.class_embedding", {width}));
  tokens.prefix.push_back(first);
  const auto count = side / patch * (side / patch) + 1;
  CHALK_TRY(tokens.positions, reader.find.take("embeddings.position_embedding.weight", {count, width}));
  CHALK_TRY(const auto norm, reader.read_norm("pre_layrnorm", width, epsilon)); // its name in every checkpoint
  reader.made.trunk.emplace_back(patches);
  reader.made.trunk.emplace_back(std::move(tokens));
  reader.made.trunk.emplace_back(row_norm{norm});
  return {};
}

result<void> read_layers(network_reader& reader, std::size_t width, float epsilon) {
  const auto& c = reader.configuration;
  CHALK_TRY(const auto layers, read_size(c, "num_hidden_layers", 12, most_layers));
  CHALK_TRY(const auto heads, read_size(c, "num_attention_heads", 12, 1u << 12));
  CHALK_CHECK(families::require_multiple(c, "hidden_size", width, "num_attention_heads", heads));
  CHALK_TRY(const auto inner, read_size(c, "intermediate_size", 3072, 1u << 18));
  CHALK_TRY(const auto activation, read_activation(c, "hidden_act", "quick_gelu"));
  for (std::size_t i = 0; i < layers; ++i) {
    CHALK_TRY(auto layer, reader.read_attention("encoder.layers." + std::to_string(i) + ".", layer_names, width,
                                                inner, heads, true, epsilon));
    layer.activation = activation;
    reader.made.trunk.emplace_back(layer);
  }
  return {};
}

// `whole`: the configuration that has projection_dim, which is not the tower's where there are two.
result<network> describe_tower(const settings& whole, const settings& tower, const tensor_group& weights,
                               const image_input& input) {
  network_reader reader(names, tower, weights, input);
  CHALK_CHECK(check_architecture(whole));
  CHALK_CHECK(reader.check_pictures());
  CHALK_TRY(const auto width, read_size(tower, "hidden_size", 768, most_channels));
  CHALK_TRY(const auto epsilon, read_epsilon(tower, 1e-5));
  CHALK_CHECK(read_tokens(reader, width, epsilon));
  CHALK_CHECK(read_layers(reader, width, epsilon));
  CHALK_TRY(const auto norm, reader.read_norm("post_layernorm", width, epsilon));
  reader.made.embedding.emplace_back(first_token{});
  reader.made.embedding.emplace_back(row_norm{norm});
  const std::string projection = "visual_projection.weight";
  if (reader.find.has_head(projection)) {
    CHALK_TRY(const auto out, read_size(whole, "projection_dim", 512, most_channels));
    linear_tensors linear;
    CHALK_TRY(linear.weight, reader.find.head_tensor(projection, {out, width}));
    reader.made.embedding.emplace_back(dense{linear});
  }
  return reader.finish();
}

} // namespace

result<network> describe_clip(const settings& c, const tensor_group& weights, const image_input& input) {
  static const json_value defaults{json_value::object{}};
  const auto* tower = c.find("vision_config");
  if (tower != nullptr && !tower->is_null() && tower->as<json_value::object>() == nullptr)
    return error{errc::invalid_configuration, c.file() + ": 'vision_config' must be an object"};
  const bool stated = tower != nullptr && !tower->is_null();
  return describe_tower(c, settings(c.file() + ": vision_config", stated ? *tower : defaults), weights, input);
}

result<network> describe_clip_tower(const settings& c, const tensor_group& weights, const image_input& input) {
  return describe_tower(c, c, weights, input);
}

} // namespace chalkstream::models::vision

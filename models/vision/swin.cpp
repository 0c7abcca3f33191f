// Swin (Liu et al. 2021) as Hugging Face stores it: attention within windows, every second layer with the windows
// shifted, and between stages four places become one.
#include "models/vision/network_reader.hpp"
#include "models/vision/vision_family.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace chalkstream::models::vision {
namespace {

// Of masked image modelling.
constexpr std::array<std::string_view, 2> ignored{"embeddings.mask_token", "decoder."};
constexpr network_names names{"Swin", "Swin", "swin.", "embeddings.patch_embeddings.projection.weight", ignored};
constexpr attention_names layer_names{
    .query = "attention.self.query", .key = "attention.self.key", .value = "attention.self.value"};

// LayerNorm's own, where the configuration has no say.
constexpr float fixed_epsilon = 1e-5f;
constexpr std::size_t widest_window = 64;

struct swin_sizes {
  std::size_t width = 0; // of the first stage; each next is twice as wide
  std::vector<std::size_t> depths, heads;
  std::size_t window = 0;
  double inner = 4; // times the width
  kernels::activation activation = kernels::activation::gelu;
  float epsilon = fixed_epsilon;
  bool biased = true;
};

result<swin_sizes> read_sizes(const settings& c) {
  swin_sizes s;
  CHALK_TRY(s.width, read_size(c, "embed_dim", 96, most_channels));
  CHALK_TRY(s.depths, read_list(c, "depths", {2, 2, 6, 2}, most_layers));
  CHALK_TRY(s.heads, read_list(c, "num_heads", {3, 6, 12, 24}, 1u << 12, s.depths.size()));
  CHALK_TRY(s.window, read_size(c, "window_size", 7, widest_window));
  CHALK_TRY(s.inner, read_factor(c, "mlp_ratio", 4, 64));
  CHALK_TRY(s.activation, read_activation(c, "hidden_act"));
  CHALK_TRY(s.epsilon, read_epsilon(c, fixed_epsilon));
  CHALK_TRY(s.biased, c.flag("qkv_bias", true));
  if ((s.width << (s.depths.size() - 1)) > most_channels)
    return error{errc::invalid_configuration, c.file() + ": 'embed_dim' " + std::to_string(s.width) + " doubled with "
                                                  + "each of 'depths' is over " + std::to_string(most_channels)};
  for (std::size_t i = 0; i < s.depths.size(); ++i)
    CHALK_CHECK(families::require_multiple(c, "embed_dim of stage " + std::to_string(i + 1), s.width << i,
                                           "num_heads", s.heads[i]));
  return s;
}

// Gives the grid of patches.
result<extent> read_patches(network_reader& reader, const swin_sizes& sizes) {
  const auto& c = reader.configuration;
  CHALK_TRY(const auto patch, read_extent(c, "patch_size", 4, most_pixels));
  CHALK_TRY(auto patches, reader.read_convolution("embeddings.patch_embeddings.projection", sizes.width,
                                                  reader.input.channels, patch));
  patches.stride = patch;
  patches.around = padding::multiple;
  tokens_of_map tokens;
  CHALK_TRY(tokens.norm, reader.read_norm("embeddings.norm", sizes.width, fixed_epsilon));
  CHALK_TRY(const auto positions, c.flag("use_absolute_embeddings", false));
  if (positions) {
    CHALK_TRY(const auto image, read_extent(c, "image_size", 224, most_pixels));
    const auto count = image.height / patch.height * (image.width / patch.width);
    CHALK_TRY(tokens.positions, reader.find.take("embeddings.position_embeddings", {1, count, sizes.width}));
  }
  reader.made.trunk.emplace_back(patches);
  reader.made.trunk.emplace_back(std::move(tokens));
  return extent{(reader.input.size.height + patch.height - 1) / patch.height,
                (reader.input.size.width + patch.width - 1) / patch.width};
}

result<windows> read_windows(network_reader& reader, const std::string& layer, const swin_sizes& sizes,
                             std::size_t heads, const extent& grid, bool shifted) {
  const auto& c = reader.configuration;
  const auto smallest = std::min(grid.height, grid.width);
  if (smallest < sizes.window)
    return error{errc::invalid_configuration, c.file() + ": 'window_size' is " + std::to_string(sizes.window)
                                                  + ", and pictures give no more than " + to_string(grid)
                                                  + " places at " + layer};
  windows found;
  found.grid = grid;
  found.side = sizes.window;
  found.shift = shifted && smallest > sizes.window ? sizes.window / 2 : 0;
  const auto differences = (2 * sizes.window - 1) * (2 * sizes.window - 1);
  CHALK_TRY(found.bias,
            reader.find.take(layer + "attention.self.relative_position_bias_table", {differences, heads}));
  reader.find.pass_over(layer + "attention.self.relative_position_index");
  return found;
}

result<void> read_stage(network_reader& reader, const swin_sizes& sizes, std::size_t stage, const extent& grid) {
  const auto name = "encoder.layers." + std::to_string(stage) + ".";
  const auto width = sizes.width << stage;
  const auto inner = static_cast<std::size_t>(sizes.inner * static_cast<double>(width));
  for (std::size_t i = 0; i < sizes.depths[stage]; ++i) {
    const auto layer = name + "blocks." + std::to_string(i) + ".";
    CHALK_TRY(auto block, reader.read_attention(layer, layer_names, width, inner, sizes.heads[stage], sizes.biased,
                                                sizes.epsilon));
    block.activation = sizes.activation;
    CHALK_TRY(block.within, read_windows(reader, layer, sizes, sizes.heads[stage], grid, i % 2 == 1));
    reader.made.trunk.emplace_back(block);
  }
  if (stage + 1 == sizes.depths.size())
    return {};
  merged_places merged;
  merged.grid = grid;
  CHALK_TRY(merged.norm, reader.read_norm(name + "downsample.norm", 4 * width, fixed_epsilon));
  CHALK_TRY(merged.reduction, reader.read_linear(name + "downsample.reduction", 2 * width, 4 * width, false));
  reader.made.trunk.emplace_back(merged);
  return {};
}

} // namespace

result<network> describe_swin(const settings& configuration, const tensor_group& weights, const image_input& input) {
  network_reader reader(names, configuration, weights, input);
  CHALK_TRY(const auto architecture, reader.read_architecture());
  CHALK_TRY(const auto sizes, read_sizes(configuration));
  CHALK_TRY(auto grid, read_patches(reader, sizes));
  for (std::size_t stage = 0; stage < sizes.depths.size(); ++stage) {
    CHALK_CHECK(read_stage(reader, sizes, stage, grid));
    grid = {(grid.height + 1) / 2, (grid.width + 1) / 2};
  }
  const auto width = sizes.width << (sizes.depths.size() - 1);
  CHALK_TRY(const auto norm, reader.read_norm("layernorm", width, sizes.epsilon));
  reader.made.trunk.emplace_back(row_norm{norm});
  reader.made.embedding.emplace_back(mean{});
  if (!architecture.empty())
    CHALK_CHECK(reader.read_head_over_embedding("classifier", width));
  return reader.finish();
}

} // namespace chalkstream::models::vision

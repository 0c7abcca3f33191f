// ConvNeXt (Liu et al. 2022) as Hugging Face stores it.
#include "models/vision/network_reader.hpp"
#include "models/vision/vision_family.hpp"

namespace chalkstream::models::vision {
namespace {

constexpr network_names names{"ConvNeXt", "ConvNext", "convnext.", "embeddings.patch_embeddings.weight", {}};

// Of all norms but the last, whose is the configuration's.
constexpr float fixed_epsilon = 1e-6f;
constexpr extent two{2, 2};

result<mixed_places> read_layer(network_reader& reader, const std::string& name, std::size_t width, bool scaled) {
  mixed_places layer;
  CHALK_TRY(layer.mix, reader.read_convolution(name + "dwconv", width, 1, {7, 7}));
  layer.mix.around = padding::half;
  layer.mix.groups = width;
  CHALK_TRY(layer.norm, reader.read_norm(name + "layernorm", width, fixed_epsilon));
  CHALK_TRY(layer.up, reader.read_linear(name + "pwconv1", 4 * width, width));
  CHALK_TRY(layer.down, reader.read_linear(name + "pwconv2", width, 4 * width));
  if (scaled) {
    CHALK_TRY(layer.scale, reader.find.take(name + "layer_scale_parameter", {width}));
  }
  return layer;
}

} // namespace

result<network> describe_convnext(const settings& c, const tensor_group& weights, const image_input& input) {
  network_reader reader(names, c, weights, input);
  CHALK_TRY(const auto architecture, reader.read_architecture());
  CHALK_TRY(const auto patch, read_extent(c, "patch_size", 4, most_pixels));
  CHALK_TRY(const auto stages, read_size(c, "num_stages", 4, 16));
  CHALK_TRY(const auto depths, read_list(c, "depths", {3, 3, 9, 3}, most_layers, stages));
  CHALK_TRY(const auto widths, read_list(c, "hidden_sizes", {96, 192, 384, 768}, most_channels, stages));
  CHALK_TRY(const auto activation, read_activation(c, "hidden_act"));
  CHALK_TRY(const auto epsilon, read_epsilon(c, 1e-12));
  CHALK_TRY(const auto scale, c.number("layer_scale_init_value", 1e-6));

  CHALK_TRY(auto patches,
            reader.read_convolution("embeddings.patch_embeddings", widths.front(), input.channels, patch));
  patches.stride = patch;
  reader.made.trunk.emplace_back(patches);
  CHALK_TRY(const auto stem_norm, reader.read_norm("embeddings.layernorm", widths.front(), fixed_epsilon));
  reader.made.trunk.emplace_back(map_norm{stem_norm});
  for (std::size_t stage = 0; stage < stages; ++stage) {
    const auto name = "encoder.stages." + std::to_string(stage) + ".";
    if (stage > 0) {
      const auto in = widths[stage - 1];
      CHALK_TRY(const auto norm, reader.read_norm(name + "downsampling_layer.0", in, fixed_epsilon));
      CHALK_TRY(auto halving, reader.read_convolution(name + "downsampling_layer.1", widths[stage], in, two));
      halving.stride = two;
      reader.made.trunk.emplace_back(map_norm{norm});
      reader.made.trunk.emplace_back(halving);
    }
    for (std::size_t i = 0; i < depths[stage]; ++i) {
      CHALK_TRY(auto layer, read_layer(reader, name + "layers." + std::to_string(i) + ".", widths[stage], scale > 0));
      layer.activation = activation;
      reader.made.trunk.emplace_back(layer);
    }
  }
  CHALK_TRY(const auto norm, reader.read_norm("layernorm", widths.back(), epsilon));
  reader.made.embedding.emplace_back(mean{});
  reader.made.embedding.emplace_back(row_norm{norm});
  if (!architecture.empty())
    CHALK_CHECK(reader.read_head_over_embedding("classifier", widths.back()));
  return reader.finish();
}

} // namespace chalkstream::models::vision

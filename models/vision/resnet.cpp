// ResNet (He et al. 2016) as Hugging Face stores it, with basic layers or bottlenecks.
#include "models/vision/network_reader.hpp"
#include "models/vision/vision_family.hpp"

namespace chalkstream::models::vision {
namespace {

constexpr network_names names{"ResNet", "ResNet", "resnet.", "embedder.embedder.convolution.weight", {}};

// BatchNorm's own: the configuration has no say.
constexpr float epsilon = 1e-5f;
constexpr extent pointwise{1, 1};
constexpr extent three{3, 3};

struct layer_form {
  bool bottleneck = true;
  bool strides_first = false; // of a bottleneck: the first convolution takes the stride, not the second
  kernels::activation activation = kernels::activation::relu;
};

result<residual> read_layer(network_reader& reader, const std::string& name, const layer_form& form, std::size_t in,
                            std::size_t out, std::size_t stride) {
  const extent strides{stride, stride};
  residual layer;
  layer.activation = form.activation;
  // relu in between, whatever hidden_act says: so transformers' layers are.
  const auto add = [&](std::size_t width, std::size_t from, const extent& kernel, const extent& by,
                       kernels::activation activation) -> result<void> {
    CHALK_TRY(auto part, reader.read_normalised(name + "layer." + std::to_string(layer.body.size()), width, from,
                                                kernel, epsilon));
    part.stride = by;
    part.activation = activation;
    layer.body.push_back(part);
    return {};
  };
  using enum kernels::activation;
  if (form.bottleneck) {
    const auto reduced = out / 4;
    CHALK_CHECK(add(reduced, in, pointwise, form.strides_first ? strides : extent{}, relu));
    CHALK_CHECK(add(reduced, reduced, three, form.strides_first ? extent{} : strides, relu));
    CHALK_CHECK(add(out, reduced, pointwise, {}, identity));
  } else {
    CHALK_CHECK(add(out, in, three, strides, relu));
    CHALK_CHECK(add(out, out, three, {}, identity));
  }
  if (in != out || stride != 1) {
    CHALK_TRY(layer.shortcut, reader.read_normalised(name + "shortcut", out, in, pointwise, epsilon));
    layer.shortcut->stride = strides;
  }
  return layer;
}

result<layer_form> read_form(const settings& c) {
  layer_form form;
  CHALK_TRY(const auto type, c.text("layer_type", "bottleneck"));
  if (type != "bottleneck" && type != "basic")
    return families::unsupported(c, "layer_type '" + type + "' is not one this build knows (bottleneck, basic)");
  form.bottleneck = type == "bottleneck";
  CHALK_TRY(form.strides_first, c.flag("downsample_in_bottleneck", false));
  CHALK_TRY(form.activation, read_activation(c, "hidden_act", "relu"));
  return form;
}

} // namespace

result<network> describe_resnet(const settings& c, const tensor_group& weights, const image_input& input) {
  network_reader reader(names, c, weights, input);
  CHALK_TRY(const auto architecture, reader.read_architecture());
  CHALK_TRY(const auto form, read_form(c));
  CHALK_TRY(const auto first, read_size(c, "embedding_size", 64, most_channels));
  CHALK_TRY(const auto depths, read_list(c, "depths", {3, 4, 6, 3}, most_layers));
  CHALK_TRY(const auto widths, read_list(c, "hidden_sizes", {256, 512, 1024, 2048}, most_channels, depths.size()));
  CHALK_TRY(const auto halves_first, c.flag("downsample_in_first_stage", false));

  CHALK_TRY(auto stem, reader.read_normalised("embedder.embedder", first, input.channels, {7, 7}, epsilon));
  stem.stride = {2, 2};
  stem.activation = form.activation;
  reader.made.trunk.emplace_back(stem);
  reader.made.trunk.emplace_back(max_pool{});
  auto in = first;
  for (std::size_t stage = 0; stage < depths.size(); ++stage) {
    if (form.bottleneck && widths[stage] < 4)
      return error{errc::invalid_configuration, c.file() + ": 'hidden_sizes' must be at least 4 for bottlenecks"};
    for (std::size_t i = 0; i < depths[stage]; ++i) {
      const auto name = "encoder.stages." + std::to_string(stage) + ".layers." + std::to_string(i) + ".";
      const std::size_t stride = i == 0 && (stage > 0 || halves_first) ? 2 : 1;
      CHALK_TRY(auto layer, read_layer(reader, name, form, in, widths[stage], stride));
      reader.made.trunk.emplace_back(std::move(layer));
      in = widths[stage];
    }
  }
  reader.made.embedding.emplace_back(mean{});
  if (!architecture.empty())
    CHALK_CHECK(reader.read_head_over_embedding("classifier.1", in));
  return reader.finish();
}

} // namespace chalkstream::models::vision

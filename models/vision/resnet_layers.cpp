#include "models/vision/resnet_layers.hpp"

namespace chalkstream::models::vision {
namespace {

// BatchNorm's own: the configuration has no say.
constexpr float epsilon = 1e-5f;
constexpr extent pointwise{1, 1};
constexpr extent three{3, 3};
constexpr std::size_t stem_stride = 4; // the pool behind it included

class resnet_reader {
public:
  resnet_reader(network_reader& reader, const std::string& within, const resnet_form& form, resnet_names called)
      : reader_(reader), within_(within), form_(form), timm_(called == resnet_names::timm) {}

  result<void> read() {
    CHALK_TRY(auto stem, part(timm_ ? "" : "embedder.embedder.", timm_ ? "conv1" : "convolution",
                              timm_ ? "bn1" : "normalization", form_.first, reader_.input.channels, {7, 7}));
    stem.stride = {2, 2};
    stem.activation = form_.activation;
    reader_.made.trunk.emplace_back(stem);
    reader_.made.trunk.emplace_back(max_pool{});
    auto in = form_.first;
    auto reached = stem_stride;
    std::size_t dilation = 1;
    for (std::size_t stage = 0; stage < form_.depths.size(); ++stage) {
      std::size_t stride = stage > 0 || form_.halves_first ? 2 : 1;
      const auto before = dilation;
      if (form_.most_stride != 0 && reached >= form_.most_stride) {
        dilation *= stride;
        stride = 1;
      }
      reached *= stride;
      for (std::size_t i = 0; i < form_.depths[stage]; ++i) {
        CHALK_TRY(auto layer, i == 0 ? read_layer(stage, i, in, stride, before, dilation)
                                     : read_layer(stage, i, in, 1, dilation, dilation));
        reader_.made.trunk.emplace_back(std::move(layer));
        in = form_.widths[stage];
      }
    }
    return {};
  }

private:
  result<convolution> part(const std::string& layer, const std::string& convolution_name, const std::string& norm,
                           std::size_t out, std::size_t in, const extent& kernel) {
    const auto begin = within_ + layer;
    return reader_.read_normalised(begin + convolution_name, begin + norm, out, in, kernel, epsilon);
  }

  result<residual> read_layer(std::size_t stage, std::size_t i, std::size_t in, std::size_t stride,
                              std::size_t first_dilation, std::size_t dilation) {
    const auto name = timm_ ? "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + "."
                            : "encoder.stages." + std::to_string(stage) + ".layers." + std::to_string(i) + ".";
    const auto out = form_.widths[stage];
    const extent strides{stride, stride};
    residual layer;
    layer.activation = form_.activation;
    // relu in between, whatever hidden_act says: so transformers' layers are.
    const auto add = [&](std::size_t width, std::size_t from, const extent& kernel, const extent& by,
                         std::size_t dilated, kernels::activation activation) -> result<void> {
      const auto index = layer.body.size();
      const auto number = std::to_string(timm_ ? index + 1 : index);
      CHALK_TRY(auto made, part(name, timm_ ? "conv" + number : "layer." + number + ".convolution",
                                timm_ ? "bn" + number : "layer." + number + ".normalization", width, from, kernel));
      made.stride = by;
      made.dilation = dilated;
      made.activation = activation;
      layer.body.push_back(made);
      return {};
    };
    using enum kernels::activation;
    if (form_.bottleneck) {
      const auto reduced = out / 4;
      CHALK_CHECK(add(reduced, in, pointwise, form_.strides_first ? strides : extent{}, 1, relu));
      CHALK_CHECK(add(reduced, reduced, three, form_.strides_first ? extent{} : strides, first_dilation, relu));
      CHALK_CHECK(add(out, reduced, pointwise, {}, 1, identity));
    } else {
      CHALK_CHECK(add(out, in, three, strides, first_dilation, relu));
      CHALK_CHECK(add(out, out, three, {}, dilation, identity));
    }
    if (in != out || stride != 1) {
      CHALK_TRY(layer.shortcut, part(name, timm_ ? "downsample.0" : "shortcut.convolution",
                                     timm_ ? "downsample.1" : "shortcut.normalization", out, in, pointwise));
      layer.shortcut->stride = strides;
    }
    return layer;
  }

  network_reader& reader_;
  const std::string& within_;
  const resnet_form& form_;
  bool timm_;
};

} // namespace

result<resnet_form> read_resnet_form(const settings& c) {
  resnet_form form;
  CHALK_TRY(const auto type, c.text("layer_type", "bottleneck"));
  if (type != "bottleneck" && type != "basic")
    return families::unsupported(c, "layer_type '" + type + "' is not one this build knows (bottleneck, basic)");
  form.bottleneck = type == "bottleneck";
  CHALK_TRY(form.strides_first, c.flag("downsample_in_bottleneck", false));
  CHALK_TRY(form.activation, read_activation(c, "hidden_act", "relu"));
  CHALK_TRY(form.first, read_size(c, "embedding_size", 64, most_channels));
  CHALK_TRY(form.depths, read_list(c, "depths", {3, 4, 6, 3}, most_layers));
  CHALK_TRY(form.widths, read_list(c, "hidden_sizes", {256, 512, 1024, 2048}, most_channels, form.depths.size()));
  CHALK_TRY(form.halves_first, c.flag("downsample_in_first_stage", false));
  for (const auto width : form.widths)
    if (form.bottleneck && width < 4)
      return error{errc::invalid_configuration, c.file() + ": 'hidden_sizes' must be at least 4 for bottlenecks"};
  return form;
}

result<void> read_resnet(network_reader& reader, const std::string& within, const resnet_form& form,
                         resnet_names called) {
  return resnet_reader(reader, within, form, called).read();
}

} // namespace chalkstream::models::vision

// MobileNetV2 (Sandler et al. 2018) as Hugging Face stores it.
#include "models/vision/network_reader.hpp"
#include "models/vision/vision_family.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace chalkstream::models::vision {
namespace {

constexpr network_names names{
    "MobileNetV2", "MobileNetV2", "mobilenet_v2.", "conv_stem.first_conv.convolution.weight", {}};

// The paper's table: channels between the 16 blocks, and their strides.
constexpr std::array<std::size_t, 17> channels{16, 24, 24, 32, 32,  32,  64,  64, 64,
                                               64, 96, 96, 96, 160, 160, 160, 320};
constexpr std::array<std::size_t, 16> strides{2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1};
constexpr extent pointwise{1, 1};
constexpr extent three{3, 3};

// As transformers rounds: to the nearest multiple, but never down by more than a tenth.
std::size_t divisible(double value, std::size_t divisor, std::size_t least) {
  const auto whole = static_cast<std::size_t>(value + static_cast<double>(divisor) / 2) / divisor * divisor;
  const auto rounded = std::max(least, whole);
  return static_cast<double>(rounded) < 0.9 * value ? rounded + divisor : rounded;
}

struct mobile_sizes {
  double depth = 1;
  double expansion = 6;
  std::size_t divisor = 8;
  std::size_t least = 8;
  std::size_t output_stride = 32;
  float epsilon = 0.001f;
  kernels::activation activation = kernels::activation::relu6;
  padding around = padding::same;

  // Python's round() goes to the even neighbour, as nearbyint does.
  std::size_t of(std::size_t width) const {
    return divisible(std::nearbyint(static_cast<double>(width) * depth), divisor, least);
  }
  std::size_t expanded(std::size_t width) const {
    return divisible(std::nearbyint(static_cast<double>(width) * expansion), divisor, least);
  }
};

result<mobile_sizes> read_sizes(const settings& c) {
  mobile_sizes s;
  CHALK_TRY(s.depth, read_factor(c, "depth_multiplier", 1, 16));
  CHALK_TRY(s.expansion, read_factor(c, "expand_ratio", 6, 64));
  CHALK_TRY(s.divisor, read_size(c, "depth_divisible_by", 8, 1024));
  CHALK_TRY(s.least, read_size(c, "min_depth", 8, 1024));
  CHALK_TRY(s.output_stride, read_size(c, "output_stride", 32, 1024));
  CHALK_TRY(s.epsilon, read_epsilon(c, 0.001));
  CHALK_TRY(s.activation, read_activation(c, "hidden_act", "relu6"));
  CHALK_TRY(const auto tensorflow, c.flag("tf_padding", true));
  s.around = tensorflow ? padding::same : padding::half;
  return s;
}

class mobile_reader {
public:
  mobile_reader(network_reader& reader, const mobile_sizes& sizes) : reader_(reader), sizes_(sizes) {}

  result<convolution> full(const std::string& name, std::size_t out, std::size_t in, const extent& kernel) {
    CHALK_TRY(auto made, reader_.read_normalised(name, out, in, kernel, sizes_.epsilon));
    made.around = sizes_.around;
    made.activation = sizes_.activation;
    return made;
  }

  result<convolution> by_channel(const std::string& name, std::size_t width) {
    CHALK_TRY(auto made, full(name, width, 1, three));
    made.groups = width;
    return made;
  }

  /// Its result is not activated.
  result<convolution> reduction(const std::string& name, std::size_t out, std::size_t in) {
    CHALK_TRY(auto made, full(name, out, in, pointwise));
    made.activation = kernels::activation::identity;
    return made;
  }

private:
  network_reader& reader_;
  const mobile_sizes& sizes_;
};

result<void> read_stem(network_reader& reader, mobile_reader& parts, const mobile_sizes& sizes) {
  const auto width = sizes.of(32);
  CHALK_TRY(auto first, parts.full("conv_stem.first_conv", width, reader.input.channels, three));
  first.stride = {2, 2};
  reader.made.trunk.emplace_back(first);
  CHALK_TRY(const auto is_expansion, reader.configuration.flag("first_layer_is_expansion", true));
  if (!is_expansion) {
    CHALK_TRY(const auto expansion, parts.full("conv_stem.expand_1x1", width, width, pointwise));
    reader.made.trunk.emplace_back(expansion);
  }
  CHALK_TRY(const auto middle, parts.by_channel("conv_stem.conv_3x3", width));
  CHALK_TRY(const auto last, parts.reduction("conv_stem.reduce_1x1", sizes.of(channels.front()), width));
  reader.made.trunk.emplace_back(middle);
  reader.made.trunk.emplace_back(last);
  return {};
}

result<void> read_block(network_reader& reader, mobile_reader& parts, const mobile_sizes& sizes, std::size_t block,
                        std::size_t stride, std::size_t dilation) {
  const auto name = "layer." + std::to_string(block) + ".";
  const auto in = sizes.of(channels[block]);
  const auto out = sizes.of(channels[block + 1]);
  const auto inner = sizes.expanded(in);
  CHALK_TRY(const auto expansion, parts.full(name + "expand_1x1", inner, in, pointwise));
  CHALK_TRY(auto middle, parts.by_channel(name + "conv_3x3", inner));
  middle.stride = {stride, stride};
  middle.dilation = dilation;
  CHALK_TRY(const auto last, parts.reduction(name + "reduce_1x1", out, inner));
  if (stride == 1 && in == out) {
    reader.made.trunk.emplace_back(residual{{expansion, middle, last}, {}});
    return {};
  }
  for (const auto& each : {expansion, middle, last})
    reader.made.trunk.emplace_back(each);
  return {};
}

// Beyond output_stride maps keep their size, and the kernels reach further instead.
result<void> read_blocks(network_reader& reader, mobile_reader& parts, const mobile_sizes& sizes) {
  std::size_t so_far = 2; // the stem's
  std::size_t dilation = 1;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    if (so_far == sizes.output_stride) {
      CHALK_CHECK(read_block(reader, parts, sizes, i, 1, dilation));
      dilation *= strides[i];
    } else {
      CHALK_CHECK(read_block(reader, parts, sizes, i, strides[i], 1));
      so_far *= strides[i];
    }
  }
  return {};
}

} // namespace

result<network> describe_mobilenet_v2(const settings& c, const tensor_group& weights, const image_input& input) {
  network_reader reader(names, c, weights, input);
  CHALK_TRY(const auto architecture, reader.read_architecture());
  CHALK_TRY(const auto sizes, read_sizes(c));
  mobile_reader parts(reader, sizes);
  CHALK_CHECK(read_stem(reader, parts, sizes));
  CHALK_CHECK(read_blocks(reader, parts, sizes));
  CHALK_TRY(const auto fine, c.flag("finegrained_output", true));
  const auto width = fine && sizes.depth < 1 ? std::size_t{1280} : sizes.of(1280);
  CHALK_TRY(const auto last, parts.full("conv_1x1", width, sizes.of(channels.back()), pointwise));
  reader.made.trunk.emplace_back(last);
  reader.made.embedding.emplace_back(mean{});
  if (!architecture.empty())
    CHALK_CHECK(reader.read_head_over_embedding("classifier", width));
  return reader.finish();
}

} // namespace chalkstream::models::vision

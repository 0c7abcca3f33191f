// What a ResNet (He et al. 2016) is made of, under the names that transformers or timm gave its tensors: by itself,
// or before another network.
#pragma once

#include "models/vision/network_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chalkstream::models::vision {

struct resnet_form {
  /// Else layers of two convolutions of 3 x 3.
  bool bottleneck = true;
  /// Of a bottleneck: the first convolution takes the stride, not the second.
  bool strides_first = false;
  kernels::activation activation = kernels::activation::relu;
  /// Channels behind the stem.
  std::size_t first = 64;
  /// Of each stage.
  std::vector<std::size_t> depths;
  std::vector<std::size_t> widths;
  /// The first stage halves its map, too.
  bool halves_first = false;
  /// Pixels to a place of the last map, at most: stages that would go beyond are dilated instead. 0: all halve.
  std::size_t most_stride = 0;
};

/// transformers': "embedder.embedder.convolution" and so on; timm's: "conv1", "bn1", "layer1.0.downsample.0".
enum class resnet_names : std::uint8_t { transformers, timm };

/// From config.json, or the part of one that describes it.
result<resnet_form> read_resnet_form(const settings& configuration);

/// Adds its steps to the trunk: pictures to its last map. `within` is what the names of its tensors begin with.
result<void> read_resnet(network_reader& reader, const std::string& within, const resnet_form& form,
                         resnet_names called);

} // namespace chalkstream::models::vision

// The families of vision models this build knows, by config.json's `model_type`. A family is one function in one
// file: it reads the configuration, finds every tensor it needs, and answers with a network or with an error that
// names what it does not know. Adding one means adding its file and its line in vision_families.cpp.
//
// What an embedding is, in each case what transformers' bare model calls pooler_output:
//   ViT, DeiT    the first token, normed, through the pooler; without one in the directory the token itself
//   Swin         the mean of the last normed tokens
//   ResNet, MobileNetV2   the mean of the last map
//   ConvNeXt     that mean, normed
//   CLIP         the first token, normed; projected, if the directory has the projection: then it is what
//                transformers calls image_embeds, to be compared by angle with text_embeds, which the text tower
//                gives
// DETR has none: it finds regions, in images of sizes of their own.
#pragma once

#include "models/document.hpp"
#include "models/families/tensor_lookup.hpp"
#include "models/vision/network.hpp"
#include "models/vision/text_tower.hpp"

#include <string_view>

namespace chalkstream::models::vision {

using families::tensor_group;

struct vision_family {
  std::string_view model_type;
  result<network> (*describe)(const settings& configuration, const tensor_group& weights, const image_input& input);
  /// Of a family with a tower for texts beside that for images; null: it has none.
  result<text_tower_description> (*describe_texts)(const settings& configuration,
                                                   const tensor_group& weights) = nullptr;
  /// Of a family that finds regions instead: its images have sizes of their own.
  bool finds_regions = false;
};

/// The family of a configuration, or null.
result<const vision_family*> find_family(const settings& configuration);

result<network> describe_vit(const settings& configuration, const tensor_group& weights, const image_input& input);
result<network> describe_deit(const settings& configuration, const tensor_group& weights, const image_input& input);
result<network> describe_swin(const settings& configuration, const tensor_group& weights, const image_input& input);
result<network> describe_resnet(const settings& configuration, const tensor_group& weights, const image_input& input);
result<network> describe_convnext(const settings& configuration, const tensor_group& weights,
                                  const image_input& input);
result<network> describe_mobilenet_v2(const settings& configuration, const tensor_group& weights,
                                      const image_input& input);
result<network> describe_clip(const settings& configuration, const tensor_group& weights, const image_input& input);
result<network> describe_detr(const settings& configuration, const tensor_group& weights, const image_input& input);
/// Of a directory that has the image tower alone.
result<network> describe_clip_tower(const settings& configuration, const tensor_group& weights,
                                    const image_input& input);

} // namespace chalkstream::models::vision

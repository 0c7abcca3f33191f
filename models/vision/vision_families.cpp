#include "models/vision/vision_family.hpp"

#include <array>

namespace chalkstream::models::vision {
namespace {

constexpr std::array<vision_family, 9> known{{{"vit", describe_vit},
                                              {"deit", describe_deit},
                                              {"swin", describe_swin},
                                              {"resnet", describe_resnet},
                                              {"convnext", describe_convnext},
                                              {"mobilenet_v2", describe_mobilenet_v2},
                                              {"clip", describe_clip, describe_clip_texts},
                                              {"clip_vision_model", describe_clip_tower},
                                              {"detr", describe_detr, nullptr, true}}};

} // namespace

result<const vision_family*> find_family(const settings& configuration) {
  CHALK_TRY(const auto type, configuration.text("model_type", ""));
  for (const auto& candidate : known)
    if (candidate.model_type == type)
      return &candidate;
  return nullptr;
}

} // namespace chalkstream::models::vision

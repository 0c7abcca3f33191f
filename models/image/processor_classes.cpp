#include "models/image/processor_classes.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::image {
namespace {

constexpr std::array<double, 3> imagenet_mean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> imagenet_deviation{0.229, 0.224, 0.225};
constexpr std::array<double, 3> clip_mean{0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> clip_deviation{0.26862954, 0.26130258, 0.27577711};
constexpr picture_size crop_224{224, 224};

constexpr picture_size shortest(std::size_t edge) {
  return {edge, 0};
}

constexpr std::array classes{
    processor_class{.name = "ViT", .size = {224, 224}},
    processor_class{.name = "DeiT", .by = filter::bicubic, .size = {256, 256}, .crop = crop_224, .cropped = true},
    processor_class{.name = "Beit", .by = filter::bicubic, .size = {224, 224}, .crop = crop_224},
    processor_class{.name = "CLIP", .by = filter::bicubic, .size = shortest(224), .square = false, .crop = crop_224,
                    .cropped = true, .mean = clip_mean, .deviation = clip_deviation},
    processor_class{.name = "Bit", .by = filter::bicubic, .size = shortest(224), .square = false, .crop = crop_224,
                    .cropped = true, .mean = clip_mean, .deviation = clip_deviation},
    processor_class{.name = "Siglip", .by = filter::bicubic, .size = {224, 224}, .square = false},
    processor_class{.name = "Blip", .by = filter::bicubic, .size = {384, 384}, .mean = clip_mean,
                    .deviation = clip_deviation},
    processor_class{.name = "Pvt", .by = filter::bicubic, .size = {224, 224}, .mean = imagenet_mean,
                    .deviation = imagenet_deviation},
    processor_class{.name = "ConvNext", .by = filter::bicubic, .size = shortest(384), .square = false,
                    .crop_share = 224.0 / 256},
    processor_class{.name = "MobileNetV1", .size = shortest(256), .square = false, .crop = crop_224, .cropped = true},
    processor_class{.name = "MobileNetV2", .size = shortest(256), .square = false, .crop = crop_224, .cropped = true},
    processor_class{.name = "Detr", .size = shortest(800), .longest = 1333, .square = false, .mean = imagenet_mean,
                    .deviation = imagenet_deviation},
};

using model_class = std::pair<std::string_view, std::string_view>;
constexpr std::array model_classes{
    model_class{"vit", "ViT"},           model_class{"vit_mae", "ViT"},
    model_class{"vit_msn", "ViT"},       model_class{"swin", "ViT"},
    model_class{"swinv2", "ViT"},        model_class{"trocr", "ViT"},
    model_class{"deit", "DeiT"},         model_class{"beit", "Beit"},
    model_class{"clip", "CLIP"},         model_class{"siglip", "Siglip"},
    model_class{"blip", "Blip"},         model_class{"bit", "Bit"},
    model_class{"dinov2", "Bit"},        model_class{"pvt", "Pvt"},
    model_class{"convnext", "ConvNext"}, model_class{"convnextv2", "ConvNext"},
    model_class{"resnet", "ConvNext"},   model_class{"regnet", "ConvNext"},
    model_class{"mobilenet_v1", "MobileNetV1"}, model_class{"mobilenet_v2", "MobileNetV2"},
    model_class{"detr", "Detr"},
};

const processor_class* named(std::string_view name) {
  const auto found = std::find_if(classes.begin(), classes.end(), [&](const auto& one) { return one.name == name; });
  return found == classes.end() ? nullptr : &*found;
}

} // namespace

const processor_class* processor_class_of(std::string_view type) {
  for (const std::string_view end : {"Fast", "Pil", "ImageProcessor", "FeatureExtractor"})
    if (type.ends_with(end))
      type.remove_suffix(end.size());
  return named(type);
}

const processor_class* processor_class_of_model(std::string_view model_type) {
  const auto found = std::find_if(model_classes.begin(), model_classes.end(),
                                  [&](const auto& one) { return one.first == model_type; });
  return found == model_classes.end() ? nullptr : named(found->second);
}

} // namespace chalkstream::image

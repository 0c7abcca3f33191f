// The image processors that are known, and what each does where its configuration says nothing.
#pragma once

#include "models/image/picture_size.hpp"
#include "models/image/resample.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace chalkstream::image {

struct processor_class {
  std::string_view name; // without ImageProcessor, Fast and the like
  filter by = filter::bilinear;
  picture_size size = {}; // height 0: the shortest edge
  std::size_t longest = 0; // 0: no bound
  bool square = true;      // whether a size of one number is both edges; else it is the shortest
  picture_size crop = {};  // width 0: none
  bool cropped = false;
  std::array<double, 3> mean{0.5, 0.5, 0.5};
  std::array<double, 3> deviation{0.5, 0.5, 0.5};
  double crop_share = 0; // ConvNext's: of a picture's edges, how much is left
};

/// Of "ViTImageProcessor", "ViTImageProcessorFast", "ViTFeatureExtractor" and the like; null: unknown.
const processor_class* processor_class_of(std::string_view type);

/// Of the models whose model_type that is; null: unknown.
const processor_class* processor_class_of_model(std::string_view model_type);

} // namespace chalkstream::image

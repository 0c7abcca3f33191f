// The learner of image-classify: one of the project's own nets over labelled pictures.
#pragma once

#include "core/error.hpp"
#include "models/training/trainable_net.hpp"
#include "pipelines/tools/training/encoder_learner.hpp"
#include "pipelines/tools/training/images/augmentation.hpp"
#include "pipelines/tools/training/images/picture_split.hpp"
#include "pipelines/tools/training/learner.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace chalkstream::pipelines::tools {

struct image_settings {
  models::nets::net_kind net = models::nets::net_kind::residual;
  picture_form form;
  augmentation_settings augmentation;
  label_weights weights = label_weights::equal;
  double smoothing = 0;
  models::training::optimiser_settings optimiser = models::training::sgd_settings{};
  std::string device = "cpu";
  bool mixed = false;
  std::size_t threads = 0;
  std::uint64_t seed = 0;
};

/// With a mean and a deviation of each channel of the training part. Its figures are accuracy, macro_f1 and ece;
/// beside the model it writes report.html of the epoch. Errors are those of the net: pictures too small for it.
result<std::unique_ptr<learner>> make_image_learner(split_pictures parts, const image_settings& settings);

} // namespace chalkstream::pipelines::tools

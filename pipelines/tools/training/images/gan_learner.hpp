// The learner of gan: a conditional DCGAN over labelled pictures.
#pragma once

#include "core/error.hpp"
#include "models/training/trainable_gan.hpp"
#include "pipelines/tools/training/images/augmentation.hpp"
#include "pipelines/tools/training/images/picture_split.hpp"
#include "pipelines/tools/training/learner.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct gan_settings {
  picture_form form;
  /// What the discriminator sees is changed so, drawn and real pictures alike, or real ones alone.
  augmentation_settings augmentation;
  bool changes_real_alone = false;
  std::size_t latent_size = 64;
  /// Empty: as usual for the size.
  std::vector<std::size_t> hidden_sizes;
  double variety = 0;
  double averaging = 0.99;
  models::training::adamw_settings optimiser{0.5, 0.999, 1e-8, 0, 0};
  std::string device = "cpu";
  bool mixed = false;
  std::size_t threads = 0;
  std::uint64_t seed = 0;
};

/// Its loss is the discriminator's while learning, and in validation how far, of 1, a pixel of a real picture is from
/// the nearest drawn one of its label. Its figure, nearest_accuracy, is the share of real pictures whose nearest
/// drawn one has their label: both are good only where each label is drawn as it is, in all its forms (compare Ravuri
/// & Vinyals 2019, who train a classifier on what was drawn). Of each epoch it leaves samples/epoch-0001.png, a row a
/// label. Errors are those of the net: pictures that it cannot draw.
result<std::unique_ptr<learner>> make_gan_learner(split_pictures parts, const gan_settings& settings);

} // namespace chalkstream::pipelines::tools

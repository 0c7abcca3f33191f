// A generator and a discriminator (models/drawing) that learn from each other, with trainable_net's promises about
// seeds, checkpoints, threads and errors. What draws in the end is a running mean of the generator's weights.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/drawing/drawing_description.hpp"
#include "models/training/learning_weights.hpp"
#include "models/training/picture_changes.hpp"
#include "models/training/trainable_net.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::training {

struct trainable_gan_settings {
  drawing::drawing_description net;
  /// Of real and drawn pictures alike, before they are judged; or of real ones alone: then what is drawn varies as
  /// they do once changed.
  picture_changes changes;
  bool changes_real_alone = false;
  /// Adam, as Radford et al. have it.
  adamw_settings optimiser{0.5, 0.999, 1e-8, 0, 0};
  /// How much it counts that pictures of a label differ as real ones do; 0: not at all.
  double variety = 0;
  /// The share of the old in the running mean at each step; less at first.
  double averaging = 0.99;
  /// Of the first weights.
  std::uint64_t seed = 0;
  /// "cpu", "cuda" or "cuda:1".
  std::string device = "cpu";
  /// Convolve and multiply matrices in bfloat16.
  bool mixed = false;
  /// Of a CPU, for all of LibTorch in this process; 0: one a core.
  std::size_t threads = 0;
};

/// Hinge losses (Lim & Ye 2017): 2 where the discriminator tells nothing, 0 where everything; and how unreal what is
/// drawn seems.
struct gan_losses {
  double judging = 0;
  double drawing = 0;
};

class trainable_gan {
public:
  static result<std::unique_ptr<trainable_gan>> make(const trainable_gan_settings& settings);
  ~trainable_gan();

  /// A step of the discriminator over these and as many drawn ones of the same labels, then one of the generator.
  /// Everything drawn follows from the seed. Losses or gradients that are not finite give losses that are not, and
  /// move no weights. invalid_argument for a picture that is not of the net's size, or a label it has not.
  result<gan_losses> step(std::span<const labelled_picture> batch, std::uint64_t seed, double rate);

  /// A picture of each label by the running mean, in float32; picture i follows from its label, the seed and i.
  result<std::vector<picture>> draw(std::span<const std::size_t> labels, std::uint64_t seed) const;

  /// config.json, and the weights last; each file is replaced whole.
  result<void> write_model(const std::filesystem::path& directory) const;

  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const;
  result<restored_checkpoint> read_checkpoint(const std::filesystem::path& file);

private:
  struct parts;
  explicit trainable_gan(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training

// One of the project's own image nets (models/vision/nets) that learns: what trainable_encoder is to texts, with the
// same promises about seeds, checkpoints, threads and errors. Nothing in these nets is drawn but their first weights.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/training/learning_weights.hpp"
#include "models/training/trainable_encoder.hpp"
#include "models/vision/nets/net_description.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::training {

struct labelled_picture {
  const picture* image = nullptr;
  std::size_t label = 0;
};

/// What a channel's values (0 … 1) have subtracted, and are then divided by.
struct channel_scale {
  double mean = 0;
  double deviation = 1;
};

struct trainable_net_settings {
  nets::net_description net;
  /// Of each channel.
  std::vector<channel_scale> scales;
  /// Of each label; empty: 1.
  std::vector<double> label_weights;
  /// The share of a target that goes to all labels alike.
  double smoothing = 0;
  optimiser_settings optimiser;
  /// Of the first weights.
  std::uint64_t seed = 0;
  /// "cpu", "cuda" or "cuda:1".
  std::string device = "cpu";
  /// Convolve and multiply matrices in bfloat16, and keep everything else in float32.
  bool mixed = false;
  /// Of a CPU, for all of LibTorch in this process; 0: one a core.
  std::size_t threads = 0;
};

class trainable_net {
public:
  static result<std::unique_ptr<trainable_net>> make(const trainable_net_settings& settings);
  ~trainable_net();

  /// Adds the gradients of the batch's summed loss divided by `of`, the number of pictures the step has in all.
  /// Returns that loss. invalid_argument for a picture that is not of the net's size, or a label it has not.
  result<double> learn(std::span<const labelled_picture> batch, std::size_t of);

  /// Moves the weights along the gradients. Returns the gradients' norm; one that is not finite moves nothing.
  result<double> update(double rate);

  /// In float32, batch norms by what they remember. Rows of logits.
  result<judged_rows> judge(std::span<const labelled_picture> batch);

  /// config.json, preprocessor_config.json, and the weights last; each file is replaced whole.
  result<void> write_model(const std::filesystem::path& directory) const;

  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const;
  result<restored_checkpoint> read_checkpoint(const std::filesystem::path& file);

private:
  struct parts;
  explicit trainable_net(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

/// preprocessor_config.json, in the form of Hugging Face's ViTImageProcessor.
std::string preprocessor_configuration(const nets::net_description& net, std::span<const channel_scale> scales);

} // namespace chalkstream::models::training

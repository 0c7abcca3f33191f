// The weights that learn, the optimiser that moves them, and the checkpoint that keeps both.
#pragma once

#include "core/error.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/training/adamw.hpp"
#include "models/training/sgd.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::models::training {

/// What the caller of a checkpoint gave it.
struct restored_checkpoint {
  std::vector<double> numbers;
  std::string text;
};

using optimiser_settings = std::variant<adamw_settings, sgd_settings>;

class learning_weights {
public:
  /// Gradients are kept from now on. `statistics` change without them, and belong to a checkpoint too. Throws what
  /// LibTorch throws, as every call here does.
  learning_weights(std::vector<layer_tensor> tensors, const optimiser_settings& settings,
                   std::vector<layer_tensor> statistics = {});

  const std::vector<layer_tensor>& tensors() const noexcept { return tensors_; }

  /// As optimiser::step.
  double step(double rate) { return optimiser_->step(rate); }

  /// Weights, statistics, the optimiser's memory, and the caller's own numbers and text: one file, replaced whole.
  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const;

  /// `corrupt` for a file that is not of these weights; they are then in no defined state.
  result<restored_checkpoint> read_checkpoint(const std::filesystem::path& file);

private:
  std::vector<layer_tensor> tensors_;
  std::vector<layer_tensor> statistics_;
  std::unique_ptr<optimiser> optimiser_;
};

} // namespace chalkstream::models::training

// The weights that learn, the optimiser that moves them, and the checkpoint that keeps both.
#pragma once

#include "core/error.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/training/adamw.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::training {

/// What the caller of a checkpoint gave it.
struct restored_checkpoint {
  std::vector<double> numbers;
  std::string text;
};

class learning_weights {
public:
  /// Gradients are kept from now on. Throws what LibTorch throws, as every call here does.
  learning_weights(std::vector<layer_tensor> tensors, const adamw_settings& settings);

  const std::vector<layer_tensor>& tensors() const noexcept { return tensors_; }

  /// As adamw::step.
  double step(double rate) { return optimiser_->step(rate); }

  /// Weights, the optimiser's memory, and the caller's own numbers and text: one file, replaced whole.
  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const;

  /// `corrupt` for a file that is not of these weights; they are then in no defined state.
  result<restored_checkpoint> read_checkpoint(const std::filesystem::path& file);

private:
  std::vector<layer_tensor> tensors_;
  std::optional<adamw> optimiser_;
};

} // namespace chalkstream::models::training

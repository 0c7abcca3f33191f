// AdamW (Loshchilov & Hutter 2019) over float32 tensors, with the gradients' common norm kept in bounds first. Weight
// decay spares tensors of one dimension: biases and the scales of norms.
#pragma once

#include "models/training/optimiser.hpp"

#include <memory>
#include <span>
#include <vector>

namespace chalkstream::models::training {

struct adamw_settings {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  /// The largest norm of all gradients together; 0: any.
  double clip = 1;
};

class adamw final : public optimiser {
public:
  /// The tensors require gradients and outlive it.
  adamw(std::vector<at::Tensor> values, const adamw_settings& settings);
  ~adamw() override;

  double step(double rate) override;

  /// Two means and the steps taken.
  std::span<const std::string_view> memory_names() const override;
  std::vector<at::Tensor> memory() const override;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training

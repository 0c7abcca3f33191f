// Stochastic gradient descent with momentum, as PyTorch's SGD has it: velocity = momentum · velocity + gradient, and
// the value goes back by the rate times that. Weight decay is added to the gradients and spares tensors of one
// dimension: biases and the scales of norms.
#pragma once

#include "models/training/optimiser.hpp"

#include <memory>
#include <span>
#include <vector>

namespace chalkstream::models::training {

struct sgd_settings {
  double momentum = 0.9;
  double weight_decay = 0;
  /// The largest norm of all gradients together; 0: any.
  double clip = 0;
};

class sgd final : public optimiser {
public:
  /// The tensors require gradients and outlive it.
  sgd(std::vector<at::Tensor> values, const sgd_settings& settings);
  ~sgd() override;

  double step(double rate) override;
  std::span<const std::string_view> memory_names() const override;
  std::vector<at::Tensor> memory() const override;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training

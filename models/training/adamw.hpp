// AdamW (Loshchilov & Hutter 2019) over float32 tensors, with the gradients' common norm kept in bounds first. Weight
// decay spares tensors of one dimension: biases and the scales of norms.
#pragma once

#include <memory>
#include <span>
#include <vector>

namespace at {
class Tensor;
}

namespace chalkstream::models::training {

struct adamw_settings {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  /// The largest norm of all gradients together; 0: any.
  double clip = 1;
};

class adamw {
public:
  /// The tensors require gradients and outlive it.
  adamw(std::vector<at::Tensor> values, const adamw_settings& settings);
  ~adamw();

  /// One step with the gradients the tensors have, which are gone afterwards; a tensor without one stays. Returns
  /// their norm before it was clipped. A norm that is not finite changes nothing.
  double step(double rate);

  /// What it remembers, for checkpoints: two means and the steps taken, for each value in their order. They share
  /// storage with its own.
  std::vector<at::Tensor> memory() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training

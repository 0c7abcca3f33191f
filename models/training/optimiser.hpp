// What moves weights along their gradients.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace at {
class Tensor;
}

namespace chalkstream::models::training {

class optimiser {
public:
  virtual ~optimiser() = default;

  /// One step with the gradients the tensors have, which are gone afterwards; a tensor without one stays. Returns
  /// their norm before it was clipped. A norm that is not finite changes nothing.
  virtual double step(double rate) = 0;

  /// What it remembers, for checkpoints: for each value, in their order, one tensor for each of these names. They
  /// share storage with its own.
  virtual std::span<const std::string_view> memory_names() const = 0;
  virtual std::vector<at::Tensor> memory() const = 0;
};

} // namespace chalkstream::models::training

// The kernels' activations in LibTorch's operations.
#pragma once

#include "models/kernels/kernels.hpp"

namespace at {
class Tensor;
}

namespace chalkstream::models {

at::Tensor activate(const at::Tensor& x, kernels::activation act);

} // namespace chalkstream::models

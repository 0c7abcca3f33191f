#include "models/torch_activation.hpp"

#include <ATen/ATen.h>

namespace chalkstream::models {

at::Tensor activate(const at::Tensor& x, kernels::activation act) {
  using kernels::activation;
  switch (act) {
  case activation::identity:
    return x;
  case activation::gelu:
    return at::gelu(x);
  case activation::gelu_tanh:
    return at::gelu(x, "tanh");
  case activation::quick_gelu:
    return x * at::sigmoid(1.702 * x);
  case activation::relu:
    return at::relu(x);
  case activation::relu6:
    return at::clamp(x, 0, 6);
  case activation::silu:
    return at::silu(x);
  case activation::tanh:
    return at::tanh(x);
  case activation::sigmoid:
    return at::sigmoid(x);
  }
  return x;
}

} // namespace chalkstream::models

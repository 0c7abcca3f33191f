#include "models/vision/nets/named_layers.hpp"

#include <ATen/ATen.h>

namespace chalkstream::models::nets {

namespace {

constexpr double norm_momentum = 0.1;
constexpr double norm_epsilon = 1e-5;

} // namespace

named_layers::named_layers(std::span<const net_tensor> tensors, const tensor_archive& archive, const device& where) {
  for (const auto& tensor : tensors) {
    const auto* view = archive.find(tensor.name);
    auto made = placed({&view, 1}, archive, where);
    by_name_.emplace(tensor.name, *made.value);
    (tensor.is_statistic() ? statistics_ : weights_).push_back(std::move(made));
  }
}

at::Tensor batch_normed(const named_layers& layers, const std::string& name, const at::Tensor& x, norms how) {
  return at::batch_norm(x, layers.of(name + ".weight"), layers.of(name + ".bias"), layers.of(name + ".running_mean"),
                        layers.of(name + ".running_var"), how == norms::learning, norm_momentum, norm_epsilon, true);
}

} // namespace chalkstream::models::nets

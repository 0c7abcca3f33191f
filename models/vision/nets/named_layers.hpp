// The tensors of a net on a device, by name.
#pragma once

#include "models/device.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/safetensors.hpp"
#include "models/vision/nets/net_description.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::nets {

/// Whether norms go by the batch and remember it, or by what they remember.
enum class norms : bool { remembered, learning };

/// Tensors on a device by the names they have in a file.
class named_layers {
public:
  /// Copies of these as float32; check_tensors() has let them pass. Throws what LibTorch throws.
  named_layers(std::span<const net_tensor> tensors, const tensor_archive& archive, const device& where);

  const at::Tensor& of(const std::string& name) const { return by_name_.at(name); }

  /// What gradients move, and what norms remember; every tensor once.
  const std::vector<layer_tensor>& weights() const noexcept { return weights_; }
  const std::vector<layer_tensor>& statistics() const noexcept { return statistics_; }

private:
  std::map<std::string, at::Tensor> by_name_;
  std::vector<layer_tensor> weights_, statistics_;
};

/// Behind a convolution: normed by the batch or by what norms remember, which is `name`'s tensors.
at::Tensor batch_normed(const named_layers& layers, const std::string& name, const at::Tensor& x, norms how);

} // namespace chalkstream::models::nets

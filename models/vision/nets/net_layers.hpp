// The computation of the project's own nets in LibTorch's device-generic operations, and the tensors it computes
// with. image models run it without gradients; training/ differentiates it.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/device.hpp"
#include "models/encoders/torch_layers.hpp"
#include "models/safetensors.hpp"
#include "models/vision/nets/net_description.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace chalkstream::models::nets {

/// What each byte value of a channel is to a net.
using channel_values = std::array<float, 256>;

/// invalid_argument unless the picture has the net's size and channels, and as many bytes as that.
result<void> check_picture(const picture& image, const net_description& net);

/// [pictures, channels, height, width] on the device, channels beside each other in memory. The pictures are the
/// net's, `values` has one for each channel. Throws what LibTorch throws.
at::Tensor pixels_of(std::span<const picture* const> pictures, const net_description& net,
                     std::span<const channel_values> values, const device& where);

/// These tensors, found in an archive: `corrupt` names one that is missing or has another shape, `unsupported` one
/// that is left over or no float. `kind`: whose they are.
result<void> check_tensors(std::span<const net_tensor> wanted, std::string_view kind, const tensor_archive& archive);
result<void> check_tensors(const net_description& net, const tensor_archive& archive);

class net_layers {
public:
  /// Copies the weights to the device as float32; check_tensors() has let them pass. Throws what LibTorch throws.
  net_layers(const net_description& net, const tensor_archive& archive, const device& where);
  ~net_layers();
  net_layers(net_layers&&) noexcept;

  /// [pictures, labels], of pixels_of(). Thread-safe while the weights do not change. Throws what LibTorch throws.
  at::Tensor logits(const at::Tensor& pixels) const;

  /// The same as it learns: batch norms go by the batch, and remember it.
  at::Tensor learning_logits(const at::Tensor& pixels);

  /// What gradients move, and the batch norms' memory; every tensor once.
  const std::vector<layer_tensor>& weights() const noexcept;
  const std::vector<layer_tensor>& statistics() const noexcept;

  std::size_t bytes() const noexcept;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::nets

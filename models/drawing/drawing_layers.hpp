// The computation of a generator and a discriminator in LibTorch's device-generic operations, and the tensors they
// compute with. picture_drawer runs them without gradients; training/ differentiates them.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/device.hpp"
#include "models/drawing/drawing_description.hpp"
#include "models/safetensors.hpp"
#include "models/vision/nets/named_layers.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::drawing {

using nets::norms;

class generator {
public:
  generator(const drawing_description& net, const tensor_archive& archive, const device& where);

  /// [pictures, channels, height, width] of −1 to 1, of latents [pictures, latent_size] and labels [pictures]
  /// (int64).
  at::Tensor pictures(const at::Tensor& latents, const at::Tensor& labels, norms how) const;

  const nets::named_layers& layers() const noexcept { return layers_; }

private:
  drawing_description net_;
  nets::named_layers layers_;
};

class discriminator {
public:
  discriminator(const drawing_description& net, const tensor_archive& archive, const device& where);

  /// [pictures]: the larger, the more real. While norms learn, directions take a step of the power iteration.
  at::Tensor realness(const at::Tensor& pictures, const at::Tensor& labels, norms how) const;

  const nets::named_layers& layers() const noexcept { return layers_; }

private:
  at::Tensor weight(const std::string& name, norms how) const;

  drawing_description net_;
  nets::named_layers layers_;
};

/// Pictures of −1 to 1 as bytes, and what each byte is to the nets.
std::vector<picture> to_pictures(const at::Tensor& pixels);
float value_of_byte(std::uint8_t byte) noexcept;

/// [labels.size()] on the device.
at::Tensor label_tensor(std::span<const std::size_t> labels, const device& where);

} // namespace chalkstream::models::drawing

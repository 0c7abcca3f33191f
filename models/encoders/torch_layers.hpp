// An encoder's computation in LibTorch's device-generic operations, and the tensors it computes with. torch_encoder
// runs it without gradients; training/ differentiates it.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/description.hpp"
#include "models/device.hpp"
#include "models/encoders/encoder.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace at {
class Tensor;
}
namespace c10 {
struct Device;
}

namespace chalkstream::models {

/// As LibTorch calls it.
c10::Device torch_device(const device& where);

/// Sequences end to end in order of length, so that those of one length lie together and share one attention call.
struct packed_batch {
  std::vector<std::size_t> order;    // of the sequences in the caller's batch
  std::vector<std::int64_t> lengths; // of order[i]
  std::vector<std::int64_t> ids, types, positions;
};

packed_batch pack(std::span<const sequence* const> batch, const encoder_description& encoder);

/// A tensor the layers compute with, and what a file of weights calls it: several names are equal shares of its rows,
/// in this order. The value shares its storage with the layers' own.
struct layer_tensor {
  std::vector<std::string> names;
  std::shared_ptr<at::Tensor> value;
};

/// Copies the rows of all of these to the device as one float32 tensor and releases their pages. Throws what LibTorch
/// throws.
layer_tensor placed(std::span<const tensor_view* const> views, const tensor_archive& archive, const device& where);

/// Shares of a state that are set to zero while a model learns, drawn from LibTorch's generator of the device.
struct dropout_rates {
  double states = 0;
  double attention = 0;
};

class torch_layers {
public:
  /// Copies the weights to the device as float32 and releases their pages. `fixed`: they will not change, so that
  /// what depends on them alone is computed once. Throws what LibTorch throws.
  torch_layers(const encoder_description& description, const tensor_archive& archive, const device& where, bool fixed,
               const load_progress& progress);
  ~torch_layers();

  /// [tokens of the batch, width], on the device. Thread-safe while the weights do not change. Throws what LibTorch
  /// throws.
  at::Tensor states(const packed_batch& batch, const dropout_rates& dropout = {}) const;

  /// Every tensor once.
  const std::vector<layer_tensor>& tensors() const noexcept;

  std::size_t bytes() const noexcept;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models

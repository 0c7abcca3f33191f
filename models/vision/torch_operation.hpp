// The steps of a network in LibTorch's device-generic operations, float32. Maps are [images, channels, height, width]
// in channels-last memory, as images lie in memory themselves, tokens [images, tokens, width], rows [images, width].
#pragma once

#include "models/device.hpp"
#include "models/vision/network.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace at {
class Tensor;
}

namespace chalkstream::models::vision {

/// One step with its weights. Immutable; may be called from many threads at once. Throws what LibTorch throws.
using operation = std::function<at::Tensor(const at::Tensor&)>;

/// Weights on their way from a mapped file to a device, as float32. Throws what LibTorch throws.
class weight_loader {
public:
  /// Both must outlive it.
  weight_loader(const tensor_archive& archive, const device& where) : archive_(archive), where_(where) {}

  /// Undefined for null.
  at::Tensor one(const tensor_view* view);
  /// The rows of all of them; undefined if the first is null.
  at::Tensor joined(std::span<const tensor_view* const> views);

  /// Of all so far.
  std::size_t bytes() const noexcept { return bytes_; }
  const device& where() const noexcept { return where_; }

private:
  const tensor_archive& archive_;
  const device& where_;
  std::size_t bytes_ = 0;
};

operation make_operation(const convolution& step, weight_loader& weights);
operation make_operation(const max_pool& step, weight_loader& weights);
operation make_operation(const residual& step, weight_loader& weights);
operation make_operation(const map_norm& step, weight_loader& weights);
operation make_operation(const mixed_places& step, weight_loader& weights);
operation make_operation(const tokens_of_map& step, weight_loader& weights);
operation make_operation(const attention_layer& step, weight_loader& weights);
operation make_operation(const merged_places& step, weight_loader& weights);
operation make_operation(const row_norm& step, weight_loader& weights);
operation make_operation(const mean& step, weight_loader& weights);
operation make_operation(const first_token& step, weight_loader& weights);
operation make_operation(const dense& step, weight_loader& weights);
operation make_operation(const token_heads& step, weight_loader& weights);
operation make_operation(const region_finder& step, weight_loader& weights);

/// What several steps have inside: over the last dimension.
operation make_norm(const layer_norm& norm, weight_loader& weights);
operation make_linear(const linear_tensors& linear, weight_loader& weights);

} // namespace chalkstream::models::vision

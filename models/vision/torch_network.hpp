// A network on one device.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/device.hpp"
#include "models/encoders/encoder.hpp"
#include "models/vision/network.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace chalkstream::models::vision {

/// Immutable after construction; compute may be called from many threads at once.
class torch_network {
public:
  virtual ~torch_network() = default;

  /// Rows of `width` floats, one an image, into `rows`. The images, at least one, have the channels of the input and
  /// one size, the input's where that does not leave them their own; they are computed as one tensor [images,
  /// channels, height, width]. Throws std::bad_alloc, or whatever LibTorch throws.
  virtual void compute(std::span<const picture* const> images, std::span<float> rows) const = 0;

  /// Memory its weights take.
  virtual std::size_t weight_bytes() const noexcept = 0;
};

/// The steps of `trunk` and then `ending` over images of `input`. Weights are copied to the device as float32 and
/// their mapped pages released. On a CPU LibTorch then uses one thread a call, throughout the process.
result<std::unique_ptr<torch_network>> make_torch_network(const image_input& input, std::span<const step> trunk,
                                                          std::span<const step> ending, const tensor_archive& weights,
                                                          const device& where, const load_progress& progress);

} // namespace chalkstream::models::vision

// The network that a decoder's sources go through where they are pictures.
#pragma once

#include "core/model.hpp"
#include "models/device.hpp"
#include "models/generation/stack_description.hpp"
#include "models/vision/torch_network.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace chalkstream::models {

/// Immutable; may see on many threads at once.
class sight {
public:
  static result<sight> make(const picture_encoder& described, const tensor_archive& weights, const device& where);

  std::size_t width() const noexcept { return width_; }
  /// Of one picture: [tokens, width].
  std::size_t floats() const noexcept { return tokens_ * width_; }
  std::size_t weight_bytes() const noexcept { return network_->weight_bytes(); }

  /// The states of these pictures, end to end. On a CPU one picture after the other, so that their bits are the same
  /// in any company. Throws what LibTorch throws.
  void see(std::span<const picture* const> pictures, std::span<float> states) const;

private:
  sight(std::unique_ptr<const vision::torch_network> network, std::size_t tokens, std::size_t width, bool one_by_one)
      : network_(std::move(network)), tokens_(tokens), width_(width), one_by_one_(one_by_one) {}

  std::unique_ptr<const vision::torch_network> network_;
  std::size_t tokens_;
  std::size_t width_;
  bool one_by_one_;
};

} // namespace chalkstream::models

// Tensors of an archive on a device, each once: what several places of a model share is one tensor there too.
#pragma once

#include "models/encoders/torch_layers.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <vector>

namespace chalkstream::models {

class placed_tensors {
public:
  /// Both must outlive it.
  placed_tensors(const tensor_archive& archive, const c10::Device& where) : archive_(archive), where_(where) {}

  /// The rows of all of these as one float32 tensor; their mapped pages are released. `corrupt` names a tensor with
  /// values that are not finite. Throws what LibTorch throws.
  result<at::Tensor> place(std::span<const tensor_view* const> views);

  /// A copy of numbers that no tensor of the archive is.
  at::Tensor place(const std::vector<float>& values, std::initializer_list<std::int64_t> shape);

  /// Of the archive, in the order in which they were first asked for.
  const std::vector<layer_tensor>& tensors() const noexcept { return tensors_; }

  std::size_t bytes() const noexcept { return bytes_; }

private:
  const tensor_archive& archive_;
  const c10::Device& where_;
  std::map<std::vector<const tensor_view*>, std::size_t> places_; // in tensors_
  std::vector<layer_tensor> tensors_;
  std::size_t bytes_ = 0;
};

} // namespace chalkstream::models

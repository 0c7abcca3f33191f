// What an image net begins with.
#pragma once

#include "core/error.hpp"
#include "models/safetensors.hpp"
#include "models/vision/nets/net_description.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace chalkstream::models::training {

/// Weights of mean 0 and the deviation that is said of each; directions of deviation 1; biases 0; batch norms that
/// change nothing.
result<std::shared_ptr<const tensor_archive>>
start_tensors(std::span<const nets::net_tensor> tensors, std::uint64_t seed,
              const std::function<double(const nets::net_tensor&)>& deviation);

/// Weights for ReLU, of mean 0 and deviation √(2 / inputs) (He et al. 2015); the classifier's a tenth of that; biases
/// 0; batch norms that change nothing.
result<std::shared_ptr<const tensor_archive>> start_net(const nets::net_description& net, std::uint64_t seed);

} // namespace chalkstream::models::training

// What an image net begins with.
#pragma once

#include "core/error.hpp"
#include "models/safetensors.hpp"
#include "models/vision/nets/net_description.hpp"

#include <cstdint>
#include <memory>

namespace chalkstream::models::training {

/// Weights for ReLU, of mean 0 and deviation √(2 / inputs) (He et al. 2015); the classifier's a tenth of that; biases
/// 0; batch norms that change nothing.
result<std::shared_ptr<const tensor_archive>> start_net(const nets::net_description& net, std::uint64_t seed);

} // namespace chalkstream::models::training

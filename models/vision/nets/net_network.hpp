// A net on one device, as a vision_model runs it.
#pragma once

#include "models/vision/nets/net_description.hpp"
#include "models/vision/torch_network.hpp"

#include <memory>

namespace chalkstream::models::nets {

/// check_tensors() has let the weights pass, and `input` has the net's size and channels. On a CPU LibTorch then uses
/// one thread a call, throughout the process.
result<std::unique_ptr<vision::torch_network>> make_net_network(const net_description& net,
                                                                const vision::image_input& input,
                                                                const tensor_archive& weights, const device& where);

} // namespace chalkstream::models::nets

// What DETR's models see with: a ResNet of transformers (`backbone_config` of the model_type resnet) or of timm
// (`backbone`, or a `backbone_config` of the model_type timm_backbone), as directories of either age state it.
#pragma once

#include "models/vision/network_reader.hpp"

#include <cstddef>

namespace chalkstream::models::vision {

/// Adds its steps to the trunk and gives the channels of its last map. The reader's tensors begin with "model.".
result<std::size_t> read_detr_backbone(network_reader& reader);

} // namespace chalkstream::models::vision

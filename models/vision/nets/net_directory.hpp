// The project's own nets as models of images (models/vision/vision_directory.hpp has the others).
#pragma once

#include "models/repository.hpp"
#include "models/vision/network.hpp"

#include <filesystem>

namespace chalkstream::models::nets {

/// Whether config.json's model_type is one of them.
result<bool> is_image_net(const std::filesystem::path& directory);

/// The net over pictures as they are given here; loaded_model::pictures is left to whoever knows how they are made.
/// invalid_configuration for outputs other than logits, and if the pictures are not of the net's size and channels.
result<loaded_model> load_image_net(const load_request& request, const vision::image_input& input, observer& watcher);

/// Holds the directory against what load_image_net() would check before it touches weights.
result<void> inspect_image_net(const std::filesystem::path& directory, const vision::image_input& input);

} // namespace chalkstream::models::nets

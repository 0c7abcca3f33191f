// Models of images as a kind of model: a network over pictures as the directory's preprocessor makes them.
#pragma once

#include "models/repository.hpp"

#include <filesystem>

namespace chalkstream::models::vision {

/// Whether there is a config.json, and its model_type is a family of vision models or a net of the project's own.
result<bool> is_vision_model(const std::filesystem::path& directory);

/// load_network() or load_image_net() with what preprocessor_config.json says; pictures of sizes of their own are
/// `unsupported` by models that do not find regions.
result<loaded_model> load_vision_model(const load_request& request, observer& watcher);

/// Holds the directory against what load_vision_model() would check before it touches weights.
result<void> inspect_vision_model(const std::filesystem::path& directory);

} // namespace chalkstream::models::vision

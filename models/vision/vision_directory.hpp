// Directories with a model of images, as a kind of model.
#pragma once

#include "models/repository.hpp"
#include "models/vision/network.hpp"

#include <filesystem>

namespace chalkstream::models::vision {

/// Whether there is a config.json, and its model_type is a family of vision models.
result<bool> takes_images(const std::filesystem::path& directory);

/// Whether it is one that finds regions in them.
result<bool> finds_regions(const std::filesystem::path& directory);

/// The model over pictures as they are given here; loaded_model::pictures is left to whoever knows how they are made.
/// invalid_configuration for outputs that it does not give: logits of a directory without a head, regions of a family
/// that finds none, or of one that does anything else.
result<loaded_model> load_network(const load_request& request, const image_input& input, observer& watcher);

/// Holds the directory against what load_network() would check before it touches weights.
result<void> inspect_network(const std::filesystem::path& directory, const image_input& input);

} // namespace chalkstream::models::vision

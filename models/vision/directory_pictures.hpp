// The pictures of a directory's model, as its preprocessor_config.json makes them.
#pragma once

#include "models/image/preprocessor.hpp"
#include "models/vision/network.hpp"

#include <filesystem>
#include <memory>

namespace chalkstream::models::vision {

struct directory_pictures {
  std::shared_ptr<const image::preprocessor> prepare;
  image_input input;
};

/// `unsupported` for pictures of sizes of their own.
result<directory_pictures> read_pictures(const std::filesystem::path& directory);

} // namespace chalkstream::models::vision

// The pictures of a directory's model, as its preprocessor_config.json makes them.
#pragma once

#include "models/image/preprocessor.hpp"
#include "models/vision/network.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace chalkstream::models::vision {

struct directory_pictures {
  std::shared_ptr<const image::preprocessor> prepare;
  image_input input;
};

/// Whether all pictures must be of one size, or may have sizes of their own.
enum class picture_sizes : std::uint8_t { one, own };

/// `unsupported` for pictures of sizes of their own where they must be of one, and else for such as are padded, or
/// have no bound.
result<directory_pictures> read_pictures(const std::filesystem::path& directory,
                                         picture_sizes sizes = picture_sizes::one);

} // namespace chalkstream::models::vision

#include "models/repository.hpp"

#include <torch/version.h>

namespace chalkstream::models {

std::string library_version() {
  return std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + "."
         + std::to_string(TORCH_VERSION_PATCH);
}

} // namespace chalkstream::models

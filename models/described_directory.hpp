// A model directory whose every description fits together; no weight has been read.
#pragma once

#include "core/error.hpp"
#include "models/description.hpp"
#include "models/pooling.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>

namespace chalkstream::models {

namespace families {
struct family;
}

struct described_directory {
  const families::family* family = nullptr;
  std::shared_ptr<const tensor_archive> weights;
  model_description model;
  pooling_description pooling;
  /// Where to cut a text: the smaller of the tokenizer's model_max_length and the model's positions.
  std::size_t max_tokens = 0;
};

/// Errors name the file, tensor or setting that is wrong.
result<described_directory> describe(const std::filesystem::path& directory);

} // namespace chalkstream::models

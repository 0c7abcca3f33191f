// Model directories that hold a model that writes: config.json and model.safetensors (or its index of shards) to a
// decoder, with preprocessor_config.json where its sources are pictures. Tokenizer and generation_config.json are not
// read here.
#pragma once

#include "core/error.hpp"
#include "models/device.hpp"
#include "models/encoders/encoder.hpp"
#include "models/generation/decoder.hpp"
#include "models/image/preprocessor.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::models {

/// Whether `architectures` in config.json names a model that writes (…ForConditionalGeneration, …ForCausalLM, …), of
/// a family this build knows or not. Errors are config.json's own.
result<bool> writes(const std::filesystem::path& directory);

/// Whether there is a config.json, and it is that of a family whose sources are pictures.
result<bool> writes_to_pictures(const std::filesystem::path& directory);

struct opened_decoder {
  std::unique_ptr<const decoder> compute;
  /// model_type.
  std::string family;
  /// The mapped weight files as they were when they were mapped, for the digest.
  std::vector<file_stamp> files;
  /// Memory of the weights, the cache apart.
  std::size_t weight_bytes = 0;
  /// What makes of a picture the one it takes, and what one costs it; null and 0 where sources are texts.
  std::shared_ptr<const image::preprocessor> pictures;
  std::size_t image_tokens = 0;
};

/// On a CPU the kernels, on a GPU LibTorch; see make_decoder.hpp. Errors name the file, tensor or setting that is
/// wrong.
result<opened_decoder> open_decoder(const std::filesystem::path& directory, const device& where,
                                    std::size_t cache_bytes, const load_progress& progress = {});

/// Holds a directory against everything open_decoder() checks before it touches weights.
result<void> inspect_decoder(const std::filesystem::path& directory);

} // namespace chalkstream::models

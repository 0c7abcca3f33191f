// What loading is alike for every kind of model.
#pragma once

#include "core/outcome.hpp"
#include "models/digest.hpp"
#include "models/document.hpp"
#include "models/repository.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace chalkstream::models {

/// A kind of model, by its directory: each has a file that loads it, and its line in repository.cpp.
struct model_kind {
  /// Whether config.json says so; errors are config.json's own.
  result<bool> (*is)(const std::filesystem::path& directory);
  result<loaded_model> (*load)(const load_request& request, observer& watcher);
  /// Everything load() would check before it touches weights.
  result<void> (*inspect)(const load_request& request);
};

/// config.json, which must be there and an object.
result<json_value> read_configuration(const std::filesystem::path& directory);

/// Whether there is a config.json that names this model_type.
result<bool> has_model_type(const std::filesystem::path& directory, std::string_view wanted);

/// The error with the directory before its message, where that does not name it already.
error located(const std::filesystem::path& directory, error what);

/// The digest of the directory with these mapped weight files. io if one of them is not what was mapped any more: the
/// digest must be of the bytes that were loaded.
result<model_digest> digest_of(const load_request& request, std::span<const file_stamp> weights);

std::shared_ptr<const model_identity> identity_of(const load_request& request, const model_digest& digest);

/// The smaller of `positions` and tokenizer_config.json's model_max_length, if there is one.
result<std::size_t> tokenizer_limit(const std::filesystem::path& directory, std::size_t positions);

/// Runs a text of a few lengths: the error of the first that fails.
result<void> warm_up(const model& ready);

/// Runs this alone.
result<void> warm_up(const model& ready, const sequence& example);

} // namespace chalkstream::models

// The files of a model directory that are not weights.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace chalkstream::models::training {

/// Makes the directory, writes config.json, and copies the tokenizer's files from `base`, each replaced whole.
/// `max_tokens` becomes model_max_length of tokenizer_config.json; 0 leaves what is there.
result<void> write_model_files(const std::string& configuration, const std::filesystem::path& base,
                               const std::filesystem::path& directory, std::size_t max_tokens);

} // namespace chalkstream::models::training

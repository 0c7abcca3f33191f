// The files of a model directory that are not weights.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::training {

struct model_file {
  std::string name;
  std::string content;
};

/// The tokenizer's files of a directory, whatever kind it is. `max_tokens` becomes model_max_length of
/// tokenizer_config.json; 0 leaves what is there.
result<std::vector<model_file>> tokenizer_files(const std::filesystem::path& directory, std::size_t max_tokens);

/// Makes the directory and writes config.json, these, and generation_config.json if `generation` is not empty; each is
/// replaced whole.
result<void> write_model_files(const std::filesystem::path& directory, const std::string& configuration,
                               std::span<const model_file> files, const std::string& generation = {});

} // namespace chalkstream::models::training

// How a model that learns to write begins and ends its lines: generation_config.json, its directory's or a new one.
#pragma once

#include "core/error.hpp"
#include "models/generation/generation_config.hpp"
#include "models/training/trainable_writer.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace chalkstream::models::training {

struct starting_rules {
  /// generation_config.json; empty: there is none.
  std::string text;
  /// Of it and config.json; where lines begin is never absent.
  generation_config rules;
};

/// invalid_configuration for tokens that are not in the vocabulary, and where nothing says what a line begins with.
result<starting_rules> rules_of_directory(const std::filesystem::path& directory, std::size_t vocabulary);

/// It writes up to so many tokens, and neither padding nor the unknown word.
result<starting_rules> new_rules(std::size_t positions, const new_vocabulary& words);

} // namespace chalkstream::models::training

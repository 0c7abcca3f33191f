// The directory of a model over n-grams.
#pragma once

#include "core/error.hpp"
#include "models/ngrams/ngram_model.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace chalkstream::models {

/// Writes config.json, model.safetensors, tokenizer.json and tokenizer_config.json, each whole or not at all. `labels`
/// name the levels, or the outputs.
result<void> write_ngram_directory(const std::filesystem::path& directory, const ngram_weights& weights,
                                   std::span<const std::string> labels);

} // namespace chalkstream::models

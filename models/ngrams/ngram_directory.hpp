// The directory of a model over n-grams, written and as a kind of model.
#pragma once

#include "core/error.hpp"
#include "models/ngrams/ngram_model.hpp"
#include "models/repository.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace chalkstream::models {

/// Writes config.json, model.safetensors, tokenizer.json and tokenizer_config.json, each whole or not at all. `labels`
/// name the levels, or the outputs.
result<void> write_ngram_directory(const std::filesystem::path& directory, const ngram_weights& weights,
                                   std::span<const std::string> labels);

/// Whether config.json's model_type is "ngrams".
result<bool> has_ngrams(const std::filesystem::path& directory);

/// invalid_configuration for any output but the logits of its levels or scores, and for a device other than a CPU.
result<loaded_model> load_ngram_model(const load_request& request, observer& watcher);
result<void> inspect_ngram_model(const std::filesystem::path& directory);

} // namespace chalkstream::models

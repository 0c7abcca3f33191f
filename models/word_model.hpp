// Word vectors behind core's model port: a text is the mean of its words' vectors, so that they serve wherever an
// encoder does. Needs no LibTorch.
#pragma once

#include "core/observer.hpp"
#include "models/repository.hpp"

namespace chalkstream::models {

/// Of a directory whose config.json has the model_type "word2vec": vectors.bin or vectors.txt, and the settings
/// `lowercase` and `normalize`. A text none of whose words has a vector is all zeros. invalid_configuration for any
/// output but embeddings, and for a device other than a CPU.
result<loaded_model> load_word_model(const load_request& request, observer& watcher);

/// Holds the directory against what load_word_model() would check.
result<void> inspect_word_model(const std::filesystem::path& directory);

} // namespace chalkstream::models

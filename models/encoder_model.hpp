// Encoders, with a pooled text vector or a trained head, as a kind of model.
#pragma once

#include "models/repository.hpp"

namespace chalkstream::models {

/// invalid_configuration if the directory has no such head, or none at all where texts are to be written.
result<loaded_model> load_encoder_model(const load_request& request, observer& watcher);
result<void> inspect_encoder_model(const std::filesystem::path& directory);

} // namespace chalkstream::models

// Models that write, as a kind of model.
#pragma once

#include "models/repository.hpp"

namespace chalkstream::models {

/// invalid_configuration if anything but texts is asked of it.
result<loaded_model> load_writer(const load_request& request, observer& watcher);
result<void> inspect_writer(const std::filesystem::path& directory);

} // namespace chalkstream::models

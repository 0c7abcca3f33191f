// A directory with a model.yaml and the program that it describes, as a kind of model.
#pragma once

#include "core/error.hpp"
#include "core/observer.hpp"
#include "models/repository.hpp"

#include <filesystem>

namespace chalkstream::models {

/// Whether there is a model.yaml. It decides alone: with one, nothing else is made of the directory.
result<bool> is_exported(const std::filesystem::path& directory);

/// invalid_configuration unless the request allows code, before the program's file is opened; for an output that the
/// program does not give; and for a device other than a CPU. LibTorch uses one thread a call afterwards, throughout
/// the process.
result<loaded_model> load_exported_model(const load_request& request, observer& watcher);
result<void> inspect_exported_model(const load_request& request);

} // namespace chalkstream::models

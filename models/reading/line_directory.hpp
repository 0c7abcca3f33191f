// Directories that `train ocr-line` wrote, as a kind of model: a picture of a line in, a reading out.
#pragma once

#include "models/repository.hpp"

#include <filesystem>

namespace chalkstream::models::reading {

result<bool> is_line_reader(const std::filesystem::path& directory);

/// Its output has a reading for each picture, of any size and taken as one line, and no rows. invalid_configuration for
/// embeddings, tokens and spans.
result<loaded_model> load_line_reader(const load_request& request, observer& watcher);
result<void> inspect_line_reader(const std::filesystem::path& directory);

} // namespace chalkstream::models::reading

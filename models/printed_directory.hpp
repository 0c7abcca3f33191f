// Directories that say which languages Tesseract is to read, as a kind of model: config.json
//
//   {"model_type": "tesseract", "languages": ["eng"], "layout": "page", "max_seconds": 30, "data": "tessdata"}
//
// All but model_type may be left out. Language data lie beside config.json, in `data` (relative to it), where
// TESSDATA_PREFIX says, or where Debian's packages put them.
#pragma once

#include "models/printed/page_engine.hpp"
#include "models/repository.hpp"

#include <filesystem>

namespace chalkstream::models {

result<bool> is_printed_reader(const std::filesystem::path& directory);

/// What config.json says, with a folder that has every language's data. invalid_configuration for an unknown key or a
/// wrong value; not_found, with the package to install, for data that are not there.
result<printed::engine_settings> read_printed_settings(const std::filesystem::path& directory);

/// invalid_configuration for embeddings, tokens and spans, and on a GPU.
result<loaded_model> load_printed_reader(const load_request& request, observer& watcher);
result<void> inspect_printed_reader(const std::filesystem::path& directory);

} // namespace chalkstream::models

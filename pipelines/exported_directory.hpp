// The model.yaml of a directory with an exported program. It is read as strictly as the configuration: everything
// that is wrong is said at once, with its place and what was meant.
#pragma once

#include "core/error.hpp"
#include "models/exported/exported_program.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace chalkstream::pipelines {

/// Null if the directory has no model.yaml. Blocks on the file system; does not look at the program itself.
result<std::shared_ptr<const models::exported_program>> read_exported_program(const std::filesystem::path& directory);

/// The same of a text; `name` stands for the file in messages.
result<models::exported_program> parse_exported_program(std::string_view text, std::string_view name);

} // namespace chalkstream::pipelines

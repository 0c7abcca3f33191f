// A person's data file as it lies on the disk.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <string>

namespace chalkstream::pipelines::tools {

/// All of it, without a UTF-8 byte order mark. not_found or io; more than a gigabyte is refused.
result<std::string> read_data(const std::filesystem::path& file);

} // namespace chalkstream::pipelines::tools

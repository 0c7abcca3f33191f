// A person's data file as it lies on the disk.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <string>

namespace chalkstream::pipelines::tools {

/// All of it. not_found or io; more than a gigabyte is refused.
result<std::string> read_bytes(const std::filesystem::path& file);

/// The same without a UTF-8 byte order mark.
result<std::string> read_data(const std::filesystem::path& file);

} // namespace chalkstream::pipelines::tools

// A file that a command was asked to write.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <string_view>

namespace chalkstream::app {

/// Replaces what is there. io if it cannot.
result<void> write_file(const std::filesystem::path& path, std::string_view text);

} // namespace chalkstream::app

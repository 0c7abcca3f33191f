// Files a person wrote, one JSON object a line: catalogues and course material.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace chalkstream::education {

/// Calls `read` for each line that is not blank, in order. What it returns is what is wrong with the line; the first
/// such text ends the reading as invalid_configuration, with `file` and the line's number before it.
result<void> read_lines(std::string_view content, std::string_view file,
                        const std::function<std::string(std::string_view line)>& read);

/// The largest line read_texts() takes.
inline constexpr std::size_t max_line_bytes = std::size_t{1} << 20;

/// Reads members of the object in `line` that are strings; others are ignored, null or absent ones leave their target
/// as it is. Returns what is wrong; empty if nothing is.
std::string read_texts(std::string_view line, std::initializer_list<std::pair<const char*, std::string*>> fields);

} // namespace chalkstream::education

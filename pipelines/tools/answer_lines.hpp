// Lines in, an answer for each out, in the same order and without an engine.
#pragma once

#include "core/error.hpp"

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// Appends a line's answer; false when it is an error.
using line_answer = std::function<bool(std::string_view line, std::string& out)>;

/// Blank lines are passed over, lines of more than 64 MiB answered by an error. Blocks until `in` ends; returns how
/// many lines got an error. Fails when `out` cannot be written.
result<int> answer_lines(std::istream& in, std::ostream& out, const line_answer& answer);

/// {"id":…,"error":…}. `id` is JSON; `message` is ours: without control characters.
void append_error(const std::string& id, std::string_view message, std::string& out);

} // namespace chalkstream::pipelines::tools

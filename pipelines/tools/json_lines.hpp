// The input lines of the offline tools: {"id","text","pair"?}.
#pragma once

#include "core/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace chalkstream::pipelines::tools {

struct text_line {
  /// As JSON, so that a number stays one; "null" if the line has none.
  std::string id = "null";
  std::string text;
  std::optional<std::string> pair;
};

struct line_error {
  std::string id = "null";
  std::string message;
};

/// Reads one line. Other fields are ignored. Thread-safe.
std::variant<text_line, line_error> parse_line(std::string_view line);

} // namespace chalkstream::pipelines::tools

// Fields of JSON lines. Private to pipelines/tools: only its sources include this header, each with <simdjson.h>.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace simdjson::dom {
class element;
class object;
} // namespace simdjson::dom

namespace chalkstream::pipelines::tools {

/// Absent where it is null.
std::optional<simdjson::dom::element> field(const simdjson::dom::object& line, std::string_view name);

/// The line's id as JSON, so that a number stays one; "null" if it has none.
std::string line_id(const simdjson::dom::object& line);

/// A string as it is, a number or a boolean as JSON writes it; nothing else is one.
std::optional<std::string> scalar(const simdjson::dom::element& value);

} // namespace chalkstream::pipelines::tools

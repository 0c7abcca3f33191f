#include "pipelines/tools/json_fields.hpp"

#include <simdjson.h>

namespace chalkstream::pipelines::tools {

namespace dom = simdjson::dom;

std::optional<dom::element> field(const dom::object& line, std::string_view name) {
  dom::element found;
  if (line[name].get(found) != simdjson::SUCCESS || found.is_null())
    return std::nullopt;
  return found;
}

std::string line_id(const dom::object& line) {
  const auto id = field(line, "id");
  return !id || id->is_object() || id->is_array() ? "null" : std::string{simdjson::minify(*id)};
}

std::optional<std::string> scalar(const dom::element& value) {
  if (std::string_view text; value.get_string().get(text) == simdjson::SUCCESS)
    return std::string{text};
  if (value.is_object() || value.is_array() || value.is_null())
    return std::nullopt;
  return std::string{simdjson::minify(value)};
}

} // namespace chalkstream::pipelines::tools

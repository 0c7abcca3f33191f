#include "pipelines/tools/json_lines.hpp"

#include "pipelines/tools/json_fields.hpp"

#include <simdjson.h>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

bool read_string(const dom::object& line, const char* name, std::string& into) {
  std::string_view text;
  if (line[name].get_string().get(text) != simdjson::SUCCESS)
    return false;
  into = text;
  return true;
}

} // namespace

std::variant<text_line, line_error> parse_line(std::string_view line) {
  thread_local dom::parser parser;
  dom::object object;
  if (const auto failed = parser.parse(line.data(), line.size()).get_object().get(object))
    return line_error{"null", std::string{"not a JSON object: "} + simdjson::error_message(failed)};
  text_line parsed;
  parsed.id = line_id(object);
  if (!read_string(object, "text", parsed.text))
    return line_error{std::move(parsed.id), "`text` must be a string"};
  dom::element pair;
  if (object["pair"].get(pair) == simdjson::SUCCESS && !pair.is_null()) {
    parsed.pair.emplace();
    if (!read_string(object, "pair", *parsed.pair))
      return line_error{std::move(parsed.id), "`pair` must be a string"};
  }
  return parsed;
}

} // namespace chalkstream::pipelines::tools

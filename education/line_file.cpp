#include "education/line_file.hpp"

#include "education/json_document.hpp"

#include <simdjson.h>

namespace chalkstream::education {

result<void> read_lines(std::string_view content, std::string_view file,
                        const std::function<std::string(std::string_view line)>& read) {
  std::size_t number = 0;
  while (!content.empty()) {
    ++number;
    const auto end = content.find('\n');
    const auto line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    if (const auto wrong = read(line); !wrong.empty())
      return {errc::invalid_configuration, std::string{file} + ":" + std::to_string(number) + ": " + wrong};
  }
  return {};
}

std::string read_texts(std::string_view line, std::initializer_list<std::pair<const char*, std::string*>> fields) {
  simdjson::dom::object object;
  if (const auto refused = parse_object(line, max_line_bytes, 8, object))
    return refused->detail;
  for (const auto& [name, target] : fields) {
    simdjson::dom::element value;
    std::string_view text;
    if (object.at_key(name).get(value) || value.is_null())
      continue;
    if (value.get_string().get(text))
      return std::string{name} + " must be a string";
    *target = text;
  }
  return {};
}

} // namespace chalkstream::education

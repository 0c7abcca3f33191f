#include "education/catalogue.hpp"

#include "education/characters.hpp"
#include "education/line_file.hpp"

#include <unordered_set>

namespace chalkstream::education {

namespace {

/// Why this line is not a resource; empty if it is.
std::string read_resource(std::string_view line, resource& out) {
  std::string description;
  auto wrong = read_texts(line, {{"id", &out.id},
                                 {"title", &out.title},
                                 {"text", &out.text},
                                 {"description", &description},
                                 {"url", &out.url},
                                 {"subject", &out.subject},
                                 {"lang", &out.lang}});
  if (out.text.empty())
    out.text = std::move(description);
  if (wrong.empty() && is_blank(out.id))
    wrong = "id is missing";
  if (wrong.empty() && is_blank(out.title))
    wrong = "title is missing";
  if (wrong.empty() && is_blank(out.text))
    wrong = "text (or description) is missing";
  return wrong;
}

} // namespace

result<std::vector<resource>> parse_catalogue(std::string_view content, std::string_view file) {
  std::vector<resource> resources;
  std::unordered_set<std::string> ids;
  CHALK_CHECK(read_lines(content, file, [&](std::string_view line) -> std::string {
    resource entry;
    if (auto wrong = read_resource(line, entry); !wrong.empty())
      return wrong;
    if (!ids.insert(entry.id).second)
      return "id \"" + entry.id + "\" appears twice";
    if (resources.size() == max_resources)
      return "a catalogue has at most 100000 resources";
    resources.push_back(std::move(entry));
    return {};
  }));
  if (resources.empty())
    return {errc::invalid_configuration, std::string{file} + ": the catalogue is empty"};
  return resources;
}

} // namespace chalkstream::education

#include "pipelines/prompt_template.hpp"

#include "pipelines/spelling.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace chalkstream::pipelines {

namespace {

// In the order of prompt_template::place.
constexpr std::array<std::string_view, 7> place_names{"text",   "references", "item",    "assignment",
                                                      "course", "max_score",  "language"};

std::string lines_of(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts)
    all.append(all.empty() ? "" : "\n").append(text);
  return all;
}

std::string number(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

} // namespace

result<prompt_template> prompt_template::parse(std::string_view text) {
  prompt_template made;
  std::string words;
  bool has_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      words += c;
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == c) {
      words += c;
      ++at;
      continue;
    }
    const auto end = text.find('}', at);
    if (c == '}' || end == std::string_view::npos)
      return error{errc::invalid_configuration,
                   std::string("a '") + c + "' stands alone; write it twice if it is meant"};
    const auto name = text.substr(at + 1, end - at - 1);
    const auto found = std::find(place_names.begin(), place_names.end(), name);
    if (found == place_names.end()) {
      const auto meant = did_you_mean(name, place_names);
      return error{errc::invalid_configuration,
                   "nothing fills {" + std::string(name) + "}"
                       + (meant.empty() ? "; there are {text}, {references}, {item}, {assignment}, {course}, "
                                          "{max_score} and {language}"
                                        : meant)};
    }
    const auto then = static_cast<place>(found - place_names.begin());
    has_text |= then == place::text;
    made.parts_.push_back({std::move(words), then});
    words.clear();
    at = end;
  }
  if (!has_text)
    return error{errc::invalid_configuration, "{text} is missing: what was handed in would not be read"};
  made.end_ = std::move(words);
  return made;
}

std::string prompt_template::fill(const event& from, std::string_view answer) const {
  std::string all;
  for (const auto& part : parts_) {
    all += part.words;
    switch (part.then) {
    case place::text:
      all += answer;
      break;
    case place::references:
      all += lines_of(from.references);
      break;
    case place::item:
      all += from.item;
      break;
    case place::assignment:
      all += from.assignment;
      break;
    case place::course:
      all += from.course;
      break;
    case place::max_score:
      all += from.max_score ? number(*from.max_score) : "";
      break;
    case place::language:
      all += from.lang.value_or("");
      break;
    }
  }
  return all + end_;
}

} // namespace chalkstream::pipelines

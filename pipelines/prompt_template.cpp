#include "pipelines/prompt_template.hpp"

#include "pipelines/configuration/spelling.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace chalkstream::pipelines {

namespace {

// In the order of prompt_template::place.
constexpr std::array<std::string_view, 8> place_names{"text",   "references", "item",     "assignment",
                                                      "course", "max_score",  "language", "passages"};

/// Only answering has the last one.
std::span<const std::string_view> places_of(prompt_use use) {
  return std::span(place_names).first(use == prompt_use::answering ? place_names.size() : place_names.size() - 1);
}

std::string listed(std::span<const std::string_view> names) {
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i)
    all.append(i == 0 ? "{" : i + 1 == names.size() ? " and {" : ", {").append(names[i]).append("}");
  return all;
}

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

result<prompt_template> prompt_template::parse(std::string_view text, prompt_use use) {
  const auto names = places_of(use);
  prompt_template made;
  std::string words;
  bool has_text = false, has_passages = false;
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
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      const auto meant = did_you_mean(name, names);
      return error{errc::invalid_configuration, "nothing fills {" + std::string(name) + "}"
                                                    + (meant.empty() ? "; there are " + listed(names) : meant)};
    }
    const auto then = static_cast<place>(found - names.begin());
    has_text |= then == place::text;
    has_passages |= then == place::passages;
    made.parts_.push_back({std::move(words), then});
    words.clear();
    at = end;
  }
  if (!has_text)
    return error{errc::invalid_configuration, "{text} is missing: what was handed in would not be read"};
  if (use == prompt_use::answering && !has_passages)
    return error{errc::invalid_configuration, "{passages} is missing: the answer would rest on nothing"};
  made.end_ = std::move(words);
  return made;
}

std::string prompt_template::fill(const event& from, std::string_view answer, std::string_view passages) const {
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
    case place::passages:
      all += passages;
      break;
    }
  }
  return all + end_;
}

} // namespace chalkstream::pipelines

// The learning resources a recommendation may name: one JSON object a line,
//   {"id","title","text" or "description","url","subject"?,"lang"?}
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

struct resource {
  std::string id;
  std::string title;
  std::string text;
  std::string url;
  std::string subject;
  std::string lang;
};

inline constexpr std::size_t max_resources = 100'000;

/// Parses a whole catalogue; blank lines are skipped. An error names `file`, the line and what is wrong with it: bad
/// JSON, a missing field (id, title and one of text and description), an id that appears twice, an empty catalogue,
/// or more than max_resources entries.
result<std::vector<resource>> parse_catalogue(std::string_view content, std::string_view file);

} // namespace chalkstream::education

// Text as normalizers and patterns take it.
#pragma once

#include <string_view>
#include <vector>

#include "models/text/normalized_text.hpp"

namespace chalkstream::text {

inline std::vector<normalized_text::character> characters(std::u32string_view text) {
  std::vector<normalized_text::character> made;
  for (const char32_t cp : text)
    made.push_back({cp, 0, 0});
  return made;
}

} // namespace chalkstream::text

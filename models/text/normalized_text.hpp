// Text as a normalizer leaves it: characters, and for each the code points [begin, end) of the input it stands for.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace chalkstream::text {

struct normalized_text {
  struct character {
    char32_t cp;
    std::uint32_t begin, end;
  };
  std::vector<character> characters;
  std::uint32_t origin = 0; // the code point the input begins with

  /// Starts over with valid UTF-8 whose first code point has index `first`.
  void assign(std::string_view text, std::uint32_t first);
};

} // namespace chalkstream::text

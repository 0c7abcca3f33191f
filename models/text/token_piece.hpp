// What a model cuts a word into.
#pragma once

#include <cstdint>

namespace chalkstream::text {

struct token_piece {
  std::int32_t id;
  std::uint32_t begin, end; // bytes of the word
};

} // namespace chalkstream::text

// How many tokens two sequences keep when together they may not have more than a limit, and which tokens a window
// over a long one holds. Pure arithmetic; the rules, with their odd corners, are those of Hugging Face `tokenizers`.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "models/text/tokenizer.hpp"

namespace chalkstream::text {

struct kept_tokens {
  std::size_t first, second;
};

/// `second` is 0 and `is_pair` false for a single text. `invalid_argument` when the one that should give way is not
/// there, or would have nothing left.
result<kept_tokens> truncate(std::size_t first, std::size_t second, bool is_pair, truncation cut, std::size_t limit);

/// Tokens [begin, end) of each window over `count` tokens: `room` of them, the first `stride` of which are the last
/// of the window before; the last one ends where the text ends. One empty window for no tokens. Needs stride < room.
std::vector<std::pair<std::size_t, std::size_t>> windows(std::size_t count, std::size_t room, std::size_t stride);

} // namespace chalkstream::text

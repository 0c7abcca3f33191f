// How many tokens two sequences keep when together they may not have more than a limit. Pure arithmetic; the rules,
// with their odd corners, are those of Hugging Face `tokenizers`.
#pragma once

#include <cstddef>

#include "core/error.hpp"
#include "models/text/tokenizer.hpp"

namespace chalkstream::text {

struct kept_tokens {
  std::size_t first, second;
};

/// `second` is 0 and `is_pair` false for a single text. `invalid_argument` when the one that should give way is not
/// there, or would have nothing left.
result<kept_tokens> truncate(std::size_t first, std::size_t second, bool is_pair, truncation cut, std::size_t limit);

} // namespace chalkstream::text

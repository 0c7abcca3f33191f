// ByteLevel and RoBERTa's post-processors take the whitespace a token begins or ends with out of its offsets.
// Source of the rules: Hugging Face `tokenizers`, ByteLevel's process_offsets.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::text {

/// One processor's wish.
struct offset_trim {
  bool add_prefix_space; // a single space at the beginning of the text is none of the text's
};

/// Whitespace characters, and byte-level spaces, at the ends of a token.
struct token_edges {
  std::uint32_t leading = 0, trailing = 0;
};

/// `token` is valid UTF-8.
token_edges edges_of(std::string_view token);

/// The token's code points [first, second) as all of `trims`, in order, leave them. `is_first`: of its text.
std::pair<std::uint32_t, std::uint32_t> trimmed(std::pair<std::uint32_t, std::uint32_t> offsets, token_edges edges,
                                                bool is_first, const std::vector<offset_trim>& trims);

} // namespace chalkstream::text

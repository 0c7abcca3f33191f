// What becomes of the matches of a pattern when a word is cut at them.
#pragma once

#include <span>
#include <vector>

#include "models/text/pre_tokenizer.hpp"

namespace chalkstream::text {

/// Cuts `whole` at `matches`, which lie in it from left to right, are counted from its beginning and do not overlap,
/// and appends the words to `out`. `invert`: what lies between them is the match.
void cut_at_matches(text_span whole, std::span<const text_span> matches, pre_tokenizer_step::behavior how,
                    bool invert, std::vector<text_span>& out);

} // namespace chalkstream::text

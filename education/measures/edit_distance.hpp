// How many characters must be put in, left out or changed to make one text of another (Levenshtein 1966).
#pragma once

#include <cstddef>
#include <string_view>

namespace chalkstream::education::measures {

/// Over code points. Takes as long as the product of their lengths, and memory for one of them.
std::size_t edit_distance(std::u32string_view a, std::u32string_view b);

} // namespace chalkstream::education::measures

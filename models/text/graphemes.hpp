// Where a user-perceived character (extended grapheme cluster, UAX 29) ends.
#pragma once

#include <cstddef>
#include <span>

#include "models/text/normalized_text.hpp"

namespace chalkstream::text {

/// The end of the cluster that begins at `at`. A pair of regional indicators counts as two: nobody here tells
/// clusters of eight bytes from their parts.
std::size_t grapheme_end(std::span<const normalized_text::character> text, std::size_t at) noexcept;

} // namespace chalkstream::text

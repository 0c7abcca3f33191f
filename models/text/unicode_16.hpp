// General categories of the characters of Unicode 15.1 and 16.0, which are younger than Debian's ICU (15.0). The
// reference's regular expressions know them.
#pragma once

#include <span>

namespace chalkstream::text::unicode {

struct young_range {
  char32_t first, last;
  char group;       // L, N, M, P or S
  char subcategory; // 'u' in Lu
};

/// In order, without overlaps.
std::span<const young_range> young_ranges() noexcept;

} // namespace chalkstream::text::unicode

#include "core/backoff.hpp"

#include <algorithm>

namespace chalkstream {

duration backoff::next() noexcept {
  const auto shift = std::min<std::uint32_t>(tries_++, 20);
  const auto full = std::min(longest_, first_ * (std::int64_t{1} << shift));
  state_ = state_ * 1664525U + 1013904223U;
  return full - full / 4 * (state_ >> 16) / 65536;
}

} // namespace chalkstream

// What deflate made small, made whole again; never larger than it was said to be.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::tools {

enum class wrapping { gzip, none };

/// Exactly `size` bytes, or `corrupt` with the reason: truncated, damaged, shorter or longer than that. Allocates no
/// more than `size`, and nothing where that many bytes cannot come of these.
result<std::string> inflate_exactly(std::string_view packed, wrapping wrapped, std::size_t size);

/// The first bytes alone, `most` of them or fewer where there are no more. `corrupt` where what comes before them is
/// damaged.
result<std::string> inflate_start(std::string_view packed, wrapping wrapped, std::size_t most);

} // namespace chalkstream::pipelines::tools

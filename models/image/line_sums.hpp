// The two passes of resampling: weighted sums of pixels along lines, and of lines.
#pragma once

#include "core/model.hpp"
#include "models/image/filter_weights.hpp"

#include <cstddef>

namespace chalkstream::image {

/// Line y of `to` is made of line `first + y` of `from`, which has 1 or 3 channels as `to` has.
void sum_along(const picture& from, std::size_t first, const filter_weights& weights, picture& to);

/// Line y of `to` is made of lines of `from`, whose own first is the weights' line `first`.
void sum_across(const picture& from, std::size_t first, const filter_weights& weights, picture& to);

} // namespace chalkstream::image

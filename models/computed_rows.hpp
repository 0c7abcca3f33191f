// Where exceptions end, for every model that computes rows.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"

#include <functional>

namespace chalkstream::models {

/// What `compute` gives. out_of_memory, or internal with LibTorch's text, for what it throws; `corrupt` if a number
/// of it is not finite.
result<output_rows> computed_rows(const std::function<result<output_rows>()>& compute);

} // namespace chalkstream::models

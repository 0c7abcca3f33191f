// The numbers behind a description, as every decoder takes them.
#pragma once

#include "models/generation/stack_description.hpp"

#include <cstddef>
#include <vector>

namespace chalkstream::models {

/// Weight [out, in] row by row, bias [out] (zeros where the model has none).
struct map_values {
  std::vector<float> weight;
  std::vector<float> bias;
};

/// `corrupt` names a tensor with values that are not finite.
result<map_values> read_map(const map_tensors& map);

/// Sines in the first half, cosines in the second; rows of `width`.
std::vector<float> sinusoids(std::size_t positions, std::size_t width);

} // namespace chalkstream::models

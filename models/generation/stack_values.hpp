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

/// The table of a stack whose positions are sinusoids: a row for each place, and those before the first.
std::vector<float> sinusoids(const stack_description& stack);

} // namespace chalkstream::models

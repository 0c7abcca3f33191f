// Logits of classes as probabilities.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace chalkstream::pipelines {

/// Softmax; empty if there are no logits or one is no finite number.
std::vector<double> probabilities_of(std::span<const float> logits);

/// The place of the largest, the first of equals; `values` is not empty.
std::size_t likeliest(std::span<const double> values);

} // namespace chalkstream::pipelines

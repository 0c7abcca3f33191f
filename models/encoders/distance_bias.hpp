// Biases by bucket of distance, laid out by distance: what encoders read.
#pragma once

#include "models/description.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::models {

/// The bucket of a key `distance` tokens behind (positive) or before (negative) its query. `buckets` is even and at
/// least 4, `furthest` more than a quarter of it. (Raffel et al. 2020, as MPNet uses it.)
std::size_t distance_bucket(std::int64_t distance, std::size_t buckets, std::size_t furthest);

/// For each head 2 * positions - 1 numbers: the one in the middle is for distance 0, the ones behind it for keys
/// behind the query (which take the number of distance 0 where a bias is for keys before it only).
result<std::vector<float>> bias_by_distance(const distance_bias& bias, std::size_t heads, std::size_t positions);

} // namespace chalkstream::models

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

/// The bucket of each of 2 * positions - 1 distances: the one in the middle is 0, the ones behind it are of keys
/// behind the query (which share the bucket of distance 0 where a bias is for keys before it only).
std::vector<std::int64_t> buckets_by_distance(const distance_bias& bias, std::size_t positions);

/// For each head the number of each of these distances.
result<std::vector<float>> bias_by_distance(const distance_bias& bias, std::size_t heads, std::size_t positions);

} // namespace chalkstream::models

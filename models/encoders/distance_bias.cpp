#include "models/encoders/distance_bias.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::models {

std::size_t distance_bucket(std::int64_t distance, std::size_t buckets, std::size_t furthest) {
  const std::size_t half = buckets / 2;
  const std::size_t exact = half / 2;
  const std::size_t first = distance > 0 ? half : 0;
  const auto steps = static_cast<std::size_t>(distance < 0 ? -distance : distance);
  if (steps < exact)
    return first + steps;
  // In float32, as the models were trained: in double some distances would fall on the other side of a border.
  const auto share = std::log(static_cast<float>(steps) / static_cast<float>(exact))
                     / static_cast<float>(std::log(static_cast<double>(furthest) / static_cast<double>(exact)));
  const auto beyond = static_cast<std::size_t>(share * static_cast<float>(half - exact));
  return first + std::min(exact + beyond, half - 1);
}

std::vector<std::int64_t> buckets_by_distance(const distance_bias& bias, std::size_t positions) {
  std::vector<std::int64_t> buckets(2 * positions - 1);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const auto distance = static_cast<std::int64_t>(i) - static_cast<std::int64_t>(positions - 1);
    buckets[i] = static_cast<std::int64_t>(
        bias.before_only ? distance_bucket(std::min<std::int64_t>(distance, 0), 2 * bias.buckets(), bias.furthest)
                         : distance_bucket(distance, bias.buckets(), bias.furthest));
  }
  return buckets;
}

result<std::vector<float>> bias_by_distance(const distance_bias& bias, std::size_t heads, std::size_t positions) {
  CHALK_TRY(const auto table, to_float(*bias.table));
  const auto buckets = buckets_by_distance(bias, positions);
  std::vector<float> laid_out(heads * buckets.size());
  for (std::size_t i = 0; i < buckets.size(); ++i)
    for (std::size_t head = 0; head < heads; ++head)
      laid_out[head * buckets.size() + i] = table[static_cast<std::size_t>(buckets[i]) * heads + head];
  return laid_out;
}

} // namespace chalkstream::models

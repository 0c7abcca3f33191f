#include "education/nearest.hpp"

#include <algorithm>

namespace chalkstream::education {

float dot(const float* a, const float* b, std::size_t width) noexcept {
  // Eight sums, so that the compiler may keep them in one register without reordering anything itself.
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= width; i += 8)
    for (std::size_t j = 0; j < 8; ++j)
      sums[j] += a[i + j] * b[i + j];
  float sum = 0;
  for (; i < width; ++i)
    sum += a[i] * b[i];
  for (auto part : sums)
    sum += part;
  return sum;
}

bool is_nearer(const neighbour& a, const neighbour& b) noexcept {
  return a.similarity > b.similarity || (a.similarity == b.similarity && a.row < b.row);
}

std::vector<neighbour> nearest(std::span<const float> matrix, std::span<const float> query, std::size_t count) {
  std::vector<neighbour> best;
  if (query.empty() || count == 0)
    return best;
  for (std::size_t row = 0; (row + 1) * query.size() <= matrix.size(); ++row) {
    const neighbour candidate{row, dot(matrix.data() + row * query.size(), query.data(), query.size())};
    if (best.size() == count && !is_nearer(candidate, best.back()))
      continue;
    if (best.size() == count)
      best.pop_back();
    best.insert(std::upper_bound(best.begin(), best.end(), candidate, is_nearer), candidate);
  }
  return best;
}

} // namespace chalkstream::education

// Sums over rows of floats, in an order that never changes: the same bits on every run. Written so that a compiler
// makes vector instructions of them without being allowed to reorder.
//
// Word2vec's threads change the same weights without waiting for each other: that is the method (hogwild, Recht et
// al. 2011), and a sanitizer need not tell.
#pragma once

#include <cstddef>

#define CHALK_HOGWILD __attribute__((no_sanitize("thread")))

namespace chalkstream::text {

CHALK_HOGWILD inline float dot(const float* a, const float* b, std::size_t size) {
  float sums[8] = {};
  std::size_t k = 0;
  for (; k + 8 <= size; k += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      sums[lane] += a[k + lane] * b[k + lane];
  float sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
  for (; k < size; ++k)
    sum += a[k] * b[k];
  return sum;
}

/// to += factor * from
CHALK_HOGWILD inline void add(float* __restrict to, const float* __restrict from, float factor, std::size_t size) {
  for (std::size_t k = 0; k < size; ++k)
    to[k] += factor * from[k];
}

} // namespace chalkstream::text

// A part of implementation.hpp, which includes it: what a search asks of a row of logits as long as a vocabulary.
#pragma once

#include "models/kernels/kernels.hpp"

namespace chalkstream::models::kernels {
namespace {

float greatest(const float* x, std::size_t n) {
  float top = -__builtin_inff();
  std::size_t j = 0;
  if (n >= panel) {
    vec top0 = load(x);
    vec top1 = load(x + width);
    for (j = panel; j + panel <= n; j += panel) {
      const vec next0 = load(x + j);
      const vec next1 = load(x + j + width);
      top0 = next0 > top0 ? next0 : top0;
      top1 = next1 > top1 ? next1 : top1;
    }
    top = highest(top1 > top0 ? top1 : top0);
  }
  for (; j < n; ++j)
    top = x[j] > top ? x[j] : top;
  return top;
}

// Vectors are summed in runs short enough for float32, the runs in float64.
double sum_of_exponentials(const float* x, std::size_t n, float top) {
  constexpr std::size_t run = 64 * panel;
  double total = 0;
  std::size_t j = 0;
  while (j + panel <= n) {
    const std::size_t end = j + run < n ? j + run : n;
    vec total0{};
    vec total1{};
    for (; j + panel <= end; j += panel) {
      total0 += exponential(load(x + j) - top);
      total1 += exponential(load(x + j + width) - top);
    }
    total += double(sum(total0 + total1));
  }
  for (; j < n; ++j)
    total += double(exponential(splat(x[j] - top))[0]);
  return total;
}

bool all_finite(const float* x, std::size_t n) {
  vec nothing{}; // what is not finite is not itself less itself
  std::size_t j = 0;
  for (; j + width <= n; j += width) {
    const vec v = load(x + j);
    nothing += v - v;
  }
  float rest = 0;
  for (; j < n; ++j)
    rest += x[j] - x[j];
  return sum(nothing) + rest == 0.0f;
}

} // namespace
} // namespace chalkstream::models::kernels

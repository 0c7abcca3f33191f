#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines {

std::vector<double> probabilities_of(std::span<const float> logits) {
  if (logits.empty() || !std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }))
    return {};
  const double highest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  std::vector<double> all;
  double sum = 0;
  for (const auto x : logits) {
    all.push_back(std::exp(static_cast<double>(x) - highest));
    sum += all.back();
  }
  for (auto& x : all)
    x /= sum;
  return all;
}

std::size_t likeliest(std::span<const double> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

} // namespace chalkstream::pipelines

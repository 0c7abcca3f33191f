#include "models/ngrams/level_scale.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace chalkstream::models {
namespace {

// `own` and all that are likelier get the mean of them, own a hair more.
void share_with_likelier(std::vector<double>& likely, std::size_t own) {
  auto falling = likely;
  std::sort(falling.begin(), falling.end(), std::greater<>());
  double sum = likely[own];
  double sharers = 1;
  for (auto at = falling.begin(); at != falling.end() && *at > sum / sharers; ++at) {
    sum += *at;
    ++sharers;
  }
  const auto mean = sum / sharers;
  for (auto& p : likely)
    p = std::min(p, mean * (1 - 1e-6));
  likely[own] = mean;
}

} // namespace

std::size_t level_scale::level_of(double score) const noexcept {
  return static_cast<std::size_t>(std::upper_bound(cuts.begin(), cuts.end(), score) - cuts.begin());
}

std::vector<float> level_scale::logits(double score) const {
  std::vector<double> likely(levels());
  double reached = 1;
  for (std::size_t level = 0; level < likely.size(); ++level) {
    const auto next = level < cuts.size() ? 1 / (1 + std::exp((double{cuts[level]} - score) / double{spread})) : 0.0;
    likely[level] = std::max(reached - next, 0.0);
    reached = next;
  }
  share_with_likelier(likely, level_of(score));
  constexpr double least = 1e-9;
  std::vector<float> logits(likely.size());
  std::transform(likely.begin(), likely.end(), logits.begin(),
                 [least](double p) { return static_cast<float>(std::log(std::max(p, least))); });
  return logits;
}

} // namespace chalkstream::models

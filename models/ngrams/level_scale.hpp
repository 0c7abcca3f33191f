// Ordered levels on one scale, as in ordinal logistic regression (McCullagh 1980, "Regression models for ordinal
// data"): a text with score s reaches the level that begins at cut c with probability 1 / (1 + exp((c - s) / spread)).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace chalkstream::models {

struct level_scale {
  /// Where each level but the first begins; ascending.
  std::vector<float> cuts;
  /// How far around a cut it is in doubt; above 0.
  float spread = 1;

  std::size_t levels() const noexcept { return cuts.size() + 1; }

  /// The level between whose cuts the score lies.
  std::size_t level_of(double score) const noexcept;

  /// Log-probabilities of the levels. The level of the score is never less likely than another: where a narrow level
  /// would be, it shares with those that are likelier.
  std::vector<float> logits(double score) const;
};

} // namespace chalkstream::models

// Learns ngram_weights: ridge regression for each output over the weighed n-grams and the shape, which is standardised
// first. One pass over the texts, then some tens of passes for each fit; minutes for thousands of essays.
#pragma once

#include "models/ngrams/ngram_model.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models {

struct ngram_learning {
  ngram_settings settings;
  /// Of the weights; larger is smoother.
  double penalty = 1.5;
  /// What one standard deviation of the shape weighs beside a text's n-grams, whose length is 1.
  double shape_weight = 0.3;
  /// A run that fewer texts have is not looked at.
  std::size_t least_texts = 2;
  /// After each fit: one to learn, one a fold to hold out.
  std::function<void()> progress = {};
};

class ngram_learner {
public:
  /// Texts are valid UTF-8; at least two.
  ngram_learner(std::span<const std::string_view> texts, const ngram_learning& how);

  std::size_t texts() const noexcept { return counts_.size(); }

  /// `goals`: rows of `outputs` values, one row a text. Without `levels`, which whoever calls may add.
  ngram_weights learn(std::span<const double> goals, std::size_t outputs) const;

  /// What each text would get from a model that has not seen its fold; rows as the goals. `folds` has a number below
  /// `fold_count` for each text; rarity and weights are learnt anew for each.
  std::vector<double> held_out(std::span<const double> goals, std::size_t outputs,
                               std::span<const std::size_t> folds, std::size_t fold_count) const;

private:
  ngram_weights learn(std::span<const std::size_t> which, std::span<const double> goals, std::size_t outputs) const;

  ngram_learning how_;
  std::vector<ngram_counts> counts_;
};

} // namespace chalkstream::models

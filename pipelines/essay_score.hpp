// What the outputs of an essay model say of an essay.
#pragma once

#include "core/outcome.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

struct essay_outputs {
  /// Each output is a score, of the essay or of one of its traits; else all of them together are the logits of
  /// equally spaced levels, from none of max_score to all of it.
  bool scores = true;
  /// Of levels or traits, as the model calls them; empty: it names none.
  std::vector<std::string> names;
  /// The scale of the scores; what is beyond its ends counts as its end.
  double lowest = 0;
  double highest = 1;
};

/// Fills in score, label, confidence and traits; `what` has a max_score. A score is the mean of the traits' or the
/// expected level, the confidence is the probability of the likeliest level; a model that gives scores has none, and
/// says so in `reasons`. False for outputs no score can be made of.
bool score_essay(const essay_outputs& outputs, std::span<const float> row, outcome& what);

/// Four decimals: a score is an estimate, and nobody marks finer.
double rounded(double score);

} // namespace chalkstream::pipelines

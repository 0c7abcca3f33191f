// What a summariser has learnt of good summaries: a linear model over a sentence's features that says how much of a
// summary by a person the sentence would have. Each score is a sum that can be taken apart.
#pragma once

#include "education/sentence_features.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

struct summary_head {
  /// Sorted, each once; any other phrase weighs nothing.
  std::vector<std::string> phrases;
  std::vector<float> phrase_weights;
  std::array<float, sentence_feature_names.size()> feature_weights{};
  float bias = 0;
  /// How much of a score one of cosine is worth, where sentences are not to repeat each other; not negative.
  float unit = 1;

  /// ROUGE-1 as an F-measure, 0 to 1, as the head expects it.
  double score(const sentence_features& sentence) const;
};

/// Of each sentence of `all`, whose texts these are.
std::vector<double> learnt_scores(const summary_head& head, const embedded_document& all,
                                  std::span<const std::string_view> texts);

} // namespace chalkstream::education

#include "education/summary_head.hpp"

#include <algorithm>

namespace chalkstream::education {

double summary_head::score(const sentence_features& sentence) const {
  double sum = double{bias};
  for (std::size_t i = 0; i < feature_weights.size(); ++i)
    sum += double{feature_weights[i]} * double{sentence.numbers[i]};
  for (const auto& phrase : sentence.phrases) {
    const auto found = std::lower_bound(phrases.begin(), phrases.end(), phrase);
    if (found != phrases.end() && *found == phrase)
      sum += double{phrase_weights[static_cast<std::size_t>(found - phrases.begin())]};
  }
  return sum;
}

std::vector<double> learnt_scores(const summary_head& head, const embedded_document& all,
                                  std::span<const std::string_view> texts) {
  std::vector<double> scores;
  for (const auto& sentence : features_of(all, texts))
    scores.push_back(head.score(sentence));
  return scores;
}

} // namespace chalkstream::education

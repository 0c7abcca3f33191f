#include "education/pooled_opinions.hpp"

#include "education/short_answer_table.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::education {

namespace {

using three_classes = std::array<double, answer_class_count>;

constexpr auto incorrect = static_cast<std::size_t>(answer_class::incorrect);
constexpr auto contradictory = static_cast<std::size_t>(answer_class::contradictory);
constexpr auto partial = static_cast<std::size_t>(answer_class::partially_correct);
constexpr double least = 1e-4; // of a probability before its logarithm is taken

three_classes softmax(three_classes logits) {
  const auto highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (auto& logit : logits)
    sum += logit = std::exp(logit - highest);
  for (auto& p : logits)
    p /= sum;
  return logits;
}

template <std::size_t Count>
void add(three_classes& logits, const logistic_table<Count>& table, const double* values) {
  for (std::size_t f = 0; f < Count; ++f) {
    const auto standard = std::clamp((values[f] - table.mean[f]) / table.scale[f], -4.0, 4.0);
    for (std::size_t c = 0; c < answer_class_count; ++c)
      logits[c] += table.weights[c][f] * standard;
  }
}

three_classes fitted_probabilities(const logistic_table<feature_count>& table, const feature_row& features) {
  auto logits = table.bias;
  add(logits, table, features.data());
  return softmax(logits);
}

three_classes fitted_probabilities(const feature_row& features, const graded_row& graded) {
  const auto& table = fitted_short_answer_table().beside_graded;
  std::array<double, feature_count + graded_feature_count> all{};
  std::copy(graded.begin(), graded.end(), std::copy(features.begin(), features.end(), all.begin()));
  auto logits = table.bias;
  add(logits, table, all.data());
  return softmax(logits);
}

/// In the classes of the tables.
three_classes in_three(const answer_probabilities& read, const three_classes& fitted) {
  three_classes p{read[0], read[incorrect] + read[partial], read[contradictory]};
  if (p[contradictory] == 0) {
    const auto wrong = p[incorrect];
    const auto rest = fitted[incorrect] + fitted[contradictory];
    p[contradictory] = wrong * fitted[contradictory] / rest;
    p[incorrect] = wrong * fitted[incorrect] / rest;
  }
  return p;
}

} // namespace

pooled_opinions pool(const feature_row& features, std::size_t references, const graded_row* graded,
                     const std::optional<answer_probabilities>& read) {
  const auto& table = fitted_short_answer_table();
  const auto& alone = references == 1 ? table.one_reference : table.several_references;
  pooled_opinions out;
  out.share = graded ? table.beside_graded.share : alone.share;
  auto p = graded ? fitted_probabilities(features, *graded) : fitted_probabilities(alone, features);
  double part = 0; // of the incorrect ones that is partially correct
  if (read) {
    const auto& weights = graded ? table.read_beside_graded : table.read_alone;
    const auto found = in_three(*read, p);
    const auto sure = [&](double probability) { return probability >= table.review_below; };
    out.contrary = (sure(p[0]) && sure(1 - found[0])) || (sure(1 - p[0]) && sure(found[0]));
    three_classes logits{};
    for (std::size_t c = 0; c < answer_class_count; ++c)
      logits[c] =
          weights.fitted * std::log(std::max(p[c], least)) + weights.read * std::log(std::max(found[c], least));
    p = softmax(logits);
    if ((*read)[partial] > 0)
      part = (*read)[partial] / ((*read)[incorrect] + (*read)[partial]);
  }
  std::copy(p.begin(), p.end(), out.probabilities.begin());
  out.probabilities[partial] = p[incorrect] * part;
  out.probabilities[incorrect] -= out.probabilities[partial];
  return out;
}

} // namespace chalkstream::education

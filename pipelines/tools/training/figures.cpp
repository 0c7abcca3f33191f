#include "pipelines/tools/training/figures.hpp"

#include "education/measures/label_measures.hpp"
#include "education/measures/score_measures.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace chalkstream::pipelines::tools {

namespace measures = education::measures;

validation_figures named_figures(const measures::row_measures& set) {
  validation_figures made;
  for (const auto& figure : measures::measure(set, {}, {}).all.figures)
    made.values.emplace_back(figure.name, figure.value);
  return made;
}

result<validation_figures> label_figures(const std::vector<std::vector<float>>& logits,
                                         const std::vector<std::string>& labels, const example_set& judged,
                                         bool scale) {
  std::vector<std::string> predicted, reference;
  std::vector<double> confidence;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto best = std::max_element(logits[i].begin(), logits[i].end());
    double total = 0;
    for (const auto logit : logits[i])
      total += std::exp(double{logit} - *best);
    predicted.push_back(labels[static_cast<std::size_t>(best - logits[i].begin())]);
    reference.push_back(judged.examples[i].label);
    confidence.push_back(1 / total);
  }
  const auto steps = scale ? std::span<const std::string>(labels) : std::span<const std::string>();
  CHALK_TRY(auto numbered, measures::number_labels(predicted, reference, steps));
  numbered.confidence = std::move(confidence);
  return named_figures(measures::label_measures{std::move(numbered)});
}

validation_figures score_figures(const std::vector<std::vector<float>>& rows, const example_set& judged) {
  measures::scored_rows made;
  for (std::size_t t = 0; t < judged.traits.size(); ++t) {
    auto& trait = made.traits.emplace_back();
    trait.name = judged.traits[t];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      trait.predicted.push_back(rows[i][t]);
      trait.reference.push_back(judged.examples[i].scores[t]);
    }
  }
  return named_figures(measures::score_measures{std::move(made)});
}

result<void> check_labels(const split_examples& parts, const std::vector<std::string>& labels) {
  for (const auto& example : parts.validation.examples)
    if (std::find(labels.begin(), labels.end(), example.label) == labels.end()) {
      std::string all;
      for (const auto& label : labels)
        all += (all.empty() ? "'" : ", '") + label + "'";
      return {errc::invalid_argument, parts.validation.place(example) + ": no row to train with has the label '"
                                          + example.label + "'; they have " + all};
    }
  return {};
}

} // namespace chalkstream::pipelines::tools

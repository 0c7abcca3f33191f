#include "pipelines/answer_labels.hpp"

#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace chalkstream::pipelines {

using education::answer_class;

result<std::vector<answer_class>> answer_classes_of(std::span<const std::string> labels) {
  std::vector<answer_class> classes;
  for (const auto& label : labels) {
    const auto found = education::answer_class_of(label);
    if (!found)
      return error{errc::invalid_configuration,
                   "its label '" + label + "' is not one that answers may have: " + education::answer_labels()};
    classes.push_back(*found);
  }
  const auto right = std::count(classes.begin(), classes.end(), answer_class::correct);
  if (right == 0 || right == std::ssize(classes))
    return error{errc::invalid_configuration, "of its labels, 'correct' must be one and not the only one"};
  return classes;
}

std::optional<education::answer_probabilities> answer_probabilities_of(std::span<const float> logits,
                                                                       std::span<const answer_class> classes) {
  if (logits.size() != classes.size())
    return {};
  const auto all = probabilities_of(logits);
  if (all.empty())
    return {};
  education::answer_probabilities p{};
  for (std::size_t i = 0; i < all.size(); ++i)
    p[static_cast<std::size_t>(classes[i])] += all[i];
  return p;
}

std::optional<education::answer_probabilities> mean_answer_probabilities(const output_rows& rows,
                                                                         std::span<const answer_class> classes) {
  constexpr double least = 1e-6; // of a class that the model knows, before its logarithm is taken
  if (rows.size() == 0)
    return {};
  education::answer_probabilities sum{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto p = answer_probabilities_of(rows.row(i), classes);
    if (!p)
      return {};
    for (std::size_t c = 0; c < sum.size(); ++c)
      sum[c] += std::log(std::max((*p)[c], least));
  }
  education::answer_probabilities mean{};
  for (const auto known : classes) {
    const auto c = static_cast<std::size_t>(known);
    mean[c] = std::exp(sum[c] / static_cast<double>(rows.size()));
  }
  const auto whole = std::accumulate(mean.begin(), mean.end(), 0.0);
  for (auto& p : mean)
    p /= whole;
  return mean;
}

} // namespace chalkstream::pipelines

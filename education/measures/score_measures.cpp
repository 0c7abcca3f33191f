#include "education/measures/score_measures.hpp"

#include "education/measures/kappa.hpp"
#include "education/measures/score_errors.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::education::measures {

namespace {

constexpr double widest_scale = 100;

std::vector<double> picked(const std::vector<double>& values, row_list rows) {
  std::vector<double> some;
  some.reserve(rows.size());
  for (const auto row : rows)
    some.push_back(values[row]);
  return some;
}

} // namespace

score_measures::score_measures(scored_rows rows) : rows_(std::move(rows)) {
  if (rows_.traits.size() > 1)
    names_.emplace_back("mcrmse");
  for (const auto& trait : rows_.traits) {
    scales_.push_back(scale_of(trait));
    const auto suffix = trait.name.empty() ? "" : ":" + trait.name;
    for (const auto* name : {"rmse", "mae", "pearson"})
      names_.push_back(name + suffix);
    if (scales_.back().steps > 0)
      names_.push_back("qwk" + suffix);
  }
}

std::vector<double> score_measures::of(row_list rows) const {
  std::vector<double> values;
  std::vector<double> errors;
  for (std::size_t t = 0; t < rows_.traits.size(); ++t) {
    const auto predicted = picked(rows_.traits[t].predicted, rows);
    const auto reference = picked(rows_.traits[t].reference, rows);
    errors.push_back(root_mean_squared_error(predicted, reference));
    values.push_back(errors.back());
    values.push_back(mean_absolute_error(predicted, reference));
    values.push_back(pearson_correlation(predicted, reference));
    if (const auto& scale = scales_[t]; scale.steps > 0) {
      confusion_matrix matrix{scale.steps};
      for (const auto row : rows)
        matrix.add(scale.reference[row], scale.predicted[row]);
      values.push_back(quadratic_weighted_kappa(matrix));
    }
  }
  if (rows_.traits.size() > 1)
    values.insert(values.begin(), mean_columnwise_error(errors));
  return values;
}

score_measures::scale score_measures::scale_of(const scored_rows::trait& of) {
  scale found;
  const auto whole = [](double score) { return std::trunc(score) == score; };
  if (of.reference.empty() || !std::all_of(of.reference.begin(), of.reference.end(), whole))
    return found;
  const auto [low, high] = std::minmax_element(of.reference.begin(), of.reference.end());
  if (*high - *low > widest_scale)
    return found;
  found.steps = static_cast<std::size_t>(*high - *low) + 1;
  const auto step = [low = *low, high = *high](double score) {
    return static_cast<std::uint32_t>(std::clamp(std::round(score), low, high) - low);
  };
  std::transform(of.predicted.begin(), of.predicted.end(), std::back_inserter(found.predicted), step);
  std::transform(of.reference.begin(), of.reference.end(), std::back_inserter(found.reference), step);
  return found;
}

} // namespace chalkstream::education::measures

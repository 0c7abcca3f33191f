#include "education/measures/score_errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace chalkstream::education::measures {

namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const double> values) {
  return values.empty() ? undefined
                        : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

} // namespace

double root_mean_squared_error(std::span<const double> predicted, std::span<const double> reference) {
  double sum = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i)
    sum += (predicted[i] - reference[i]) * (predicted[i] - reference[i]);
  return predicted.empty() ? undefined : std::sqrt(sum / static_cast<double>(predicted.size()));
}

double mean_absolute_error(std::span<const double> predicted, std::span<const double> reference) {
  double sum = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i)
    sum += std::abs(predicted[i] - reference[i]);
  return predicted.empty() ? undefined : sum / static_cast<double>(predicted.size());
}

double mean_columnwise_error(std::span<const double> root_mean_squared_errors) {
  return mean(root_mean_squared_errors);
}

double pearson_correlation(std::span<const double> predicted, std::span<const double> reference) {
  // Rounding in the mean can make a constant look as if it varied, so it is asked for by itself.
  if (predicted.size() < 2 || constant(predicted) || constant(reference))
    return undefined;
  const auto x = mean(predicted);
  const auto y = mean(reference);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    xx += (predicted[i] - x) * (predicted[i] - x);
    yy += (reference[i] - y) * (reference[i] - y);
    xy += (predicted[i] - x) * (reference[i] - y);
  }
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

} // namespace chalkstream::education::measures

// How far scores are from the scores they should be. `predicted` and `reference` have the same length; of nothing,
// every figure is NaN.
#pragma once

#include <span>

namespace chalkstream::education::measures {

/// The square root of the mean squared difference.
double root_mean_squared_error(std::span<const double> predicted, std::span<const double> reference);

/// The mean of the differences without their sign.
double mean_absolute_error(std::span<const double> predicted, std::span<const double> reference);

/// MCRMSE, for texts with a score for each of several traits: the mean of the traits' root mean squared errors.
double mean_columnwise_error(std::span<const double> root_mean_squared_errors);

/// Pearson's r, as scipy.stats.pearsonr: the covariance over the product of the standard deviations, kept within
/// −1 … 1. NaN where one side is constant or has fewer than two values.
double pearson_correlation(std::span<const double> predicted, std::span<const double> reference);

} // namespace chalkstream::education::measures

// Whether confidence means what it says: of the verdicts given with 80 %, are 80 % right? Expected calibration error
// with bins of equal width (Guo et al. 2017):
//
//   ECE = Σ over bins: share of rows in the bin · |accuracy of the bin − mean confidence of the bin|
//
// Bin i holds confidences above i/n and up to (i+1)/n, the first one 0 as well; these are the bins of scikit-learn's
// calibration_curve(strategy="uniform"). Empty bins count nothing.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace chalkstream::education::measures {

struct confident_verdict {
  double confidence = 0; // of the label that was predicted, 0 … 1
  bool right = false;
};

struct reliability_bin {
  double low = 0;
  double high = 0;
  std::size_t count = 0;
  /// Means over the bin's verdicts; 0 where it has none.
  double confidence = 0;
  double accuracy = 0;
};

inline constexpr std::size_t default_bins = 15;

/// `bins` of 1 or more; always that many, in ascending order. A confidence outside 0 … 1 goes to the nearest bin.
std::vector<reliability_bin> reliability_bins(std::span<const confident_verdict> verdicts,
                                              std::size_t bins = default_bins);

/// NaN where all bins are empty.
double expected_calibration_error(std::span<const reliability_bin> bins);

} // namespace chalkstream::education::measures

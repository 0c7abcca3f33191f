#include "education/measures/calibration_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chalkstream::education::measures {

std::vector<reliability_bin> reliability_bins(std::span<const confident_verdict> verdicts, std::size_t bins) {
  // Edges as numpy.linspace rounds them, so that a confidence on an edge falls where scikit-learn puts it.
  const auto step = 1.0 / static_cast<double>(bins);
  std::vector<double> inner;
  std::vector<reliability_bin> all(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    all[b].low = static_cast<double>(b) * step;
    all[b].high = b + 1 == bins ? 1.0 : static_cast<double>(b + 1) * step;
    if (b + 1 < bins)
      inner.push_back(all[b].high);
  }
  for (const auto& verdict : verdicts) {
    const auto edge = std::lower_bound(inner.begin(), inner.end(), verdict.confidence);
    auto& bin = all[static_cast<std::size_t>(edge - inner.begin())];
    ++bin.count;
    bin.confidence += verdict.confidence;
    bin.accuracy += verdict.right ? 1 : 0;
  }
  for (auto& bin : all)
    if (bin.count > 0) {
      bin.confidence /= static_cast<double>(bin.count);
      bin.accuracy /= static_cast<double>(bin.count);
    }
  return all;
}

double expected_calibration_error(std::span<const reliability_bin> bins) {
  double sum = 0;
  std::size_t total = 0;
  for (const auto& bin : bins) {
    sum += static_cast<double>(bin.count) * std::abs(bin.accuracy - bin.confidence);
    total += bin.count;
  }
  return total == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(total);
}

} // namespace chalkstream::education::measures

// The fitted short-answer model: multinomial logistic regression over standardised features, its temperature folded
// into weights and bias. calibration/fit.py writes the values; calibration/README.md says how they were found.
#pragma once

#include "education/short_answer_features.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace chalkstream::education {

inline constexpr std::size_t answer_class_count = 3; // correct, incorrect, contradictory

struct short_answer_table {
  std::array<std::string_view, feature_count> names;
  feature_row mean;
  feature_row scale;
  std::array<feature_row, answer_class_count> weights;
  std::array<double, answer_class_count> bias;
  /// Below this confidence a person should look: the lowest at which four of five verdicts right-or-wrong held in
  /// cross-validation.
  double review_below;
};

const short_answer_table& fitted_short_answer_table() noexcept;

} // namespace chalkstream::education

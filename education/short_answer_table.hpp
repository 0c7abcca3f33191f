// The fitted short-answer models: multinomial logistic regression over standardised features, its temperature folded
// into weights and bias. What a word in common is worth depends on how many references there are, so there is a table
// for one and a table for several; a third sees graded answers to the same question too. calibration/fit.py writes
// the values; calibration/README.md says how they were found.
#pragma once

#include "education/graded_answers.hpp"
#include "education/short_answer_features.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace chalkstream::education {

inline constexpr std::size_t answer_class_count = 3; // correct, incorrect, contradictory

template <std::size_t Count>
struct logistic_table {
  std::array<std::string_view, Count> names;
  std::array<double, Count> mean;
  std::array<double, Count> scale;
  std::array<std::array<double, Count>, answer_class_count> weights;
  std::array<double, answer_class_count> bias;
  /// Of each class among the answers it was fitted on.
  std::array<double, answer_class_count> share;
};

/// How logarithms of probabilities are added where a model has read the answer too.
struct opinion_weights {
  double fitted;
  double read;
};

struct short_answer_table {
  logistic_table<feature_count> one_reference;
  logistic_table<feature_count> several_references;
  /// The same features, then those of graded answers.
  logistic_table<feature_count + graded_feature_count> beside_graded;
  opinion_weights read_alone;
  opinion_weights read_beside_graded;
  /// How much of the classes' shares is taken back when one is named: the power of what is divided by.
  double balance;
  /// Below this confidence a person should look: the lowest at which four of five verdicts right-or-wrong held in
  /// cross-validation.
  double review_below;
};

const short_answer_table& fitted_short_answer_table() noexcept;

} // namespace chalkstream::education

// What the fitted model and a model that has read the answer say, as one set of probabilities.
#pragma once

#include "education/answer_class.hpp"
#include "education/graded_answers.hpp"
#include "education/short_answer_features.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace chalkstream::education {

struct pooled_opinions {
  answer_probabilities probabilities{};
  /// Of correct, incorrect and contradictory answers among those that the table was fitted on.
  std::array<double, 3> share{};
  /// One is sure that the answer is correct and the other that it is not: surer than what goes out without a person.
  bool contrary = false;
};

/// By the fitted tables: the one that sees graded answers where there are some. `read` is what a model found. The
/// fitted tables know no partially correct answers: these have of the incorrect ones the part that `read` gives them.
/// A class that `read` does not know (exactly 0) is left to the tables.
pooled_opinions pool(const feature_row& features, std::size_t references, const graded_row* graded,
                     const std::optional<answer_probabilities>& read);

} // namespace chalkstream::education

// What the fitted model and a model that has read the answer say, as one set of probabilities.
#pragma once

#include "education/answer_class.hpp"
#include "education/graded_answers.hpp"
#include "education/short_answer_features.hpp"

#include <optional>

namespace chalkstream::education {

/// By the fitted tables: the one that sees graded answers where there are some. `read` is what a model found. The fitted
/// tables know no partially correct answers: these have of the incorrect ones the part that `read` gives them. A class
/// that `read` does not know (exactly 0) is left to the tables.
answer_probabilities pooled_probabilities(const feature_row& features, const graded_row* graded,
                                          const std::optional<answer_probabilities>& read);

} // namespace chalkstream::education

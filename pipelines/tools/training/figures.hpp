// The validation part's figures, from what a model made of it, whatever model that is.
#pragma once

#include "core/error.hpp"
#include "education/measures/row_measures.hpp"
#include "pipelines/tools/training/learner.hpp"
#include "pipelines/tools/training/split.hpp"

#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Of all rows together, by education/measures' names.
validation_figures named_figures(const education::measures::row_measures& set);

/// A row of logits an example, one a label. `scale`: the labels are its steps, lowest first. The errors are
/// number_labels'.
result<validation_figures> label_figures(const std::vector<std::vector<float>>& logits,
                                         const std::vector<std::string>& labels, const example_set& judged,
                                         bool scale = false);

/// A row an example, one value a trait.
validation_figures score_figures(const std::vector<std::vector<float>>& rows, const example_set& judged);

/// invalid_argument if the validation part has a label that is not one of these.
result<void> check_labels(const split_examples& parts, const std::vector<std::string>& labels);

} // namespace chalkstream::pipelines::tools

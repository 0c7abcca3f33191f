// What the labels of a cross-encoder say of a short answer.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "education/short_answer.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// By education::answer_class_of. invalid_configuration for any other label, and where none or nothing but correct is
/// among them.
result<std::vector<education::answer_class>> answer_classes_of(std::span<const std::string> labels);

/// From logits, one for each class of the list; absent if there are more or fewer, or one is no finite number.
std::optional<education::answer_probabilities>
answer_probabilities_of(std::span<const float> logits, std::span<const education::answer_class> classes);

/// The same of a row for each text that the answer was read beside, as their geometric mean: one look that is sure of
/// a class does not outvote several that rule it out. A class that the model does not know has exactly 0.
std::optional<education::answer_probabilities>
mean_answer_probabilities(const output_rows& rows, std::span<const education::answer_class> classes);

} // namespace chalkstream::pipelines

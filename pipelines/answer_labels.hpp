// What the labels of a cross-encoder say of a short answer.
#pragma once

#include "core/error.hpp"
#include "education/short_answer.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// By label: correct; incorrect, irrelevant or non_domain; contradictory; partially_correct or
/// partially_correct_incomplete (SemEval-2013 task 7 has all of them). invalid_configuration for any other label, and
/// where none or nothing but correct is among them.
result<std::vector<education::answer_class>> answer_classes_of(std::span<const std::string> labels);

/// From logits, one for each class of the list; absent if there are more or fewer, or one is no finite number.
std::optional<education::answer_probabilities>
answer_probabilities_of(std::span<const float> logits, std::span<const education::answer_class> classes);

} // namespace chalkstream::pipelines

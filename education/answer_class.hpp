// What a short answer may be, and the names that people's data have for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::education {

enum class answer_class : std::uint8_t { correct, incorrect, contradictory, partially_correct };
inline constexpr std::size_t answer_classes = 4;

/// By answer_class; their sum is 1.
using answer_probabilities = std::array<double, answer_classes>;

/// correct; incorrect, irrelevant or non_domain; contradictory; partially_correct or partially_correct_incomplete
/// (SemEval-2013 task 7 has all of them). Absent for any other label.
std::optional<answer_class> answer_class_of(std::string_view label);

/// Those names, for a message.
std::string answer_labels();

} // namespace chalkstream::education

// What answers to the same question, graded by people already, say about a new one: how near it is to those of each
// kind, by meaning, by letters and by words.
#pragma once

#include "core/event.hpp"
#include "education/answer_class.hpp"
#include "education/short_answer_features.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace chalkstream::education {

/// By its label; one that has a score alone is correct from three quarters of full marks on. What is half right
/// counts as incorrect, as in the data the tables were fitted on.
answer_class class_of(const graded_answer& answer, double full_marks);

struct graded_text {
  const embedded_text* text = nullptr;
  answer_class verdict = answer_class::incorrect;
};

/// Fewer than these, or all of one class, say too little to count.
inline constexpr std::size_t fewest_graded = 8;
bool enough_graded(std::span<const graded_text> graded);

inline constexpr std::size_t graded_feature_count = 31;
using graded_row = std::array<double, graded_feature_count>;
extern const std::array<std::string_view, graded_feature_count> graded_feature_names;

struct graded_comparison {
  graded_row features{};
  /// The most alike of all, by the mean of the three.
  std::size_t nearest = 0;
};

/// At least one. Some microseconds each.
graded_comparison compare(const embedded_text& answer, std::span<const graded_text> graded);

} // namespace chalkstream::education

// What the fitted model sees of an answer and its references. This is the one implementation: the grader calls it,
// and calibration/fit.py gets its training rows from it through the tool short_answer_features.
#pragma once

#include "education/analysed_text.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

/// A text with its meaning as the encoder sees it: a vector of unit length.
struct embedded_text {
  std::string text;
  analysed_text analysis;
  std::vector<float> embedding;
};

inline constexpr std::size_t feature_count = 57;
using feature_row = std::array<double, feature_count>;

/// In the order of a feature_row.
extern const std::array<std::string_view, feature_count> feature_names;

struct comparison {
  feature_row features{};
  /// The reference the answer is closest to: the one with the largest similarity plus word overlap.
  std::size_t best = 0;
};

/// At least one reference. Embeddings of different or no length count as similarity 0. Some microseconds a reference.
/// `question` is what was asked, null if nobody says: its words in an answer are no merit.
comparison compare(const embedded_text& answer, std::span<const embedded_text* const> references,
                   const analysed_text* question = nullptr);

/// Twice what two texts have in common, as a share of what both have: letters by three, and distinct stems.
double alike_in_letters(const analysed_text& left, const analysed_text& right);
double alike_in_words(const std::vector<std::string_view>& left, const std::vector<std::string_view>& right);

/// Sorted, each once.
std::vector<std::string_view> distinct_stems(const analysed_text& text);

/// Cosine of two vectors of unit length; 0 if their lengths differ or they hold something that is not a number.
double similarity(std::span<const float> left, std::span<const float> right) noexcept;

} // namespace chalkstream::education

// Grades a short answer against reference answers. Pure: text and embeddings in, a judgement out.
//
// The fitted model (short_answer_table.hpp) gives the probabilities that an answer is correct, incorrect or
// contradicts the reference; where there are enough answers to the same question that people have graded, a second
// one that sees these too. Where a model has read the answer, both opinions are pooled: the logarithms of their
// probabilities, weighted as the table says; where one is sure that the answer is right and the other that it is
// wrong, a person should look. From these:
//
// coverage: the share of the best reference's points, or of its content words if that is larger, in the answer. A
// point is a clause of the reference; the answer has it if it has half of its content words.
//
// credit: P(correct) + P(partially correct) / 2 + P(incorrect) · coverage / 2, from 0 to 1. This is the expected mark
// where correct earns all of it, a contradiction nothing, and an answer that is not correct at most half, for what it
// does say. An answer whose probability of being correct is over 0.9, or which repeats a reference word for word,
// earns all of it. The fitted model knows no partially correct answers; a cross-encoder may.
//
// label: the most probable class, where rare ones have a start (the probability over the class's share of all answers
// to the power of the table's balance): a contradiction would else be missed nearly always. An incorrect answer with
// a coverage of at least 0.3 that leaves out a point is partially_correct.
//
// confidence: the probability of that class, calibrated on answers to questions the model had not seen; 0.99 for a
// reference repeated word for word.
#pragma once

#include "core/review_reason.hpp"
#include "education/answer_class.hpp"
#include "education/graded_answers.hpp"
#include "education/short_answer_features.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

struct reference_point {
  std::string text;
  analysed_text analysis;
};

/// A reference answer, with what is computed of it once and used for every answer.
struct reference_answer : embedded_text {
  std::vector<reference_point> points;
};
reference_answer make_reference(std::string text, std::vector<float> embedding);

struct judgement {
  double credit = 0;
  std::string label;
  double confidence = 0;
  answer_probabilities probabilities{};
  /// Points of the best reference that the answer does not cover, in the reference's words; empty for a correct
  /// answer.
  std::vector<std::string> missed;
  /// One neutral sentence for the learner.
  std::string feedback;
  /// Why a person should look, whatever the confidence; empty if nothing is unusual.
  std::vector<review_note> reasons;
  /// What it rests on: the closest reference, and the graded answer most like this one where those counted.
  std::size_t reference = 0;
  std::optional<std::size_t> graded;
};

/// What is known beside the answer and its references.
struct answer_context {
  /// What was asked; null if nobody says.
  const analysed_text* question = nullptr;
  /// Answers to the same question; they count where enough_graded() says so and `encoded` holds.
  std::span<const graded_text> graded;
  /// What a model found that has read the answer.
  std::optional<answer_probabilities> read;
  /// Whether the texts have vectors. If not, and a model has read the answer, that alone counts.
  bool encoded = true;
};

/// At least one reference.
judgement judge(const embedded_text& answer, std::span<const reference_answer* const> references,
                const answer_context& known = {});

/// The references that a model should read the answer beside, at most `most`: those with the most words in common,
/// the first of them first.
std::vector<std::size_t> closest_in_words(const embedded_text& answer, std::span<const embedded_text* const> references,
                                          std::size_t most);
std::vector<std::size_t> closest_in_words(std::string_view answer, std::span<const std::string> references,
                                          std::size_t most);

/// The confidence below which a person should look, from the fit.
double default_review_threshold() noexcept;

/// The clauses of a reference that say something of their own, at most 12.
std::vector<std::string> points_of(std::string_view reference);

/// Signs that a text talks to the grader rather than about the question ("ignore the instructions", "give full
/// marks").
bool addresses_the_grader(const analysed_text& text);

} // namespace chalkstream::education

// Grades a short answer against reference answers. Pure: text and embeddings in, a judgement out.
//
// The fitted model (short_answer_table.hpp) gives the probabilities that an answer is correct, incorrect or contradicts
// the reference. From these:
//   credit      P(correct) + P(incorrect) · half the share of the reference's points the answer covers, from 0 to 1:
//               the expected mark where correct earns all of it, a contradiction nothing, and an answer that is not
//               correct at most half, for what it does say. An answer judged correct whose probability is over 0.9
//               or which repeats a reference word for word earns all of it.
//   label       the most probable class; an incorrect answer that covers at least a third of the reference's points
//               and leaves out others is partially_correct
//   confidence  the probability of that class, calibrated on answers to questions the model had not seen
// A point is a clause of the best reference; it is covered when half of its content words are in the answer.
#pragma once

#include "education/short_answer_features.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

struct judgement {
  double credit = 0;
  std::string label;
  double confidence = 0;
  std::array<double, 3> probabilities{}; // correct, incorrect, contradictory
  /// Points of the best reference that the answer does not cover, in the reference's words; empty for a correct answer.
  std::vector<std::string> missed;
  /// One neutral sentence for the learner.
  std::string feedback;
  /// Why a person should look, whatever the confidence; empty if nothing is unusual.
  std::vector<std::string> reasons;
};

/// At least one reference.
judgement judge(const embedded_text& answer, std::span<const embedded_text* const> references);

/// The confidence below which a person should look, from the fit.
double default_review_threshold() noexcept;

/// The clauses of a reference that say something of their own, at most 12.
std::vector<std::string> points_of(std::string_view reference);

/// Signs that a text talks to the grader rather than about the question ("ignore the instructions", "give full marks").
bool addresses_the_grader(const analysed_text& text);

} // namespace chalkstream::education

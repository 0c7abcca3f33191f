// Extractive answers against the answers people gave, as SQuAD's evaluation script counts (Rajpurkar et al. 2016, the
// version for SQuAD 2.0, where a question may have no answer).
//
// Both sides are normalised first: lower case, ASCII punctuation removed, the English articles a, an, the removed
// where they stand as words, white space as single spaces.
//
//   exact match   the normalised texts are the same
//   F1            of their words, as bags: 2 · precision · recall / (precision + recall)
//
// Of several answers the best counts. Answers that are empty once normalised are passed over unless all are, or there
// are none: then the question has no answer, and an empty prediction alone is right.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace chalkstream::education::measures {

std::string normalised_answer(std::string_view text);

struct answer_agreement {
  double exact = 0; // 0 or 1
  double f1 = 0;    // 0 … 1
};
answer_agreement compare_answer(std::string_view predicted, std::span<const std::string> answers);

} // namespace chalkstream::education::measures

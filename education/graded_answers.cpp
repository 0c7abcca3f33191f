#include "education/graded_answers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace chalkstream::education {

namespace {

constexpr double correct_from = 0.75;
constexpr std::size_t kinds = 3;      // correct, incorrect, contradictory
constexpr std::size_t likenesses = 3; // meaning, letters, words
constexpr double sharpness = 10;
constexpr std::size_t nearest_of_a_kind = 3;

std::size_t kind_of(const graded_text& graded) {
  const auto verdict = graded.verdict == answer_class::partially_correct ? answer_class::incorrect : graded.verdict;
  return static_cast<std::size_t>(verdict);
}

/// The largest, the mean of the three largest, and the share of a vote in which what is nearer counts more.
void describe(const std::vector<double>& likeness, std::span<const graded_text> graded, double* into) {
  std::array<std::vector<double>, kinds> of;
  std::array<double, kinds> votes{};
  for (std::size_t i = 0; i < graded.size(); ++i) {
    const auto kind = kind_of(graded[i]);
    of[kind].push_back(std::max(likeness[i], 0.0));
    votes[kind] += std::exp(sharpness * likeness[i]);
  }
  const auto all = std::accumulate(votes.begin(), votes.end(), 0.0);
  for (std::size_t kind = 0; kind < kinds; ++kind, into += 3) {
    auto& list = of[kind];
    if (list.empty())
      continue;
    const auto few = std::min(nearest_of_a_kind, list.size());
    std::partial_sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(few), list.end(), std::greater<>{});
    into[0] = list.front();
    into[1] = std::accumulate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(few), 0.0)
              / static_cast<double>(few);
    into[2] = votes[kind] / all;
  }
}

} // namespace

answer_class class_of(const graded_answer& answer, double full_marks) {
  if (const auto named = answer_class_of(answer.label))
    return *named;
  return answer.score && *answer.score >= correct_from * full_marks ? answer_class::correct : answer_class::incorrect;
}

bool enough_graded(std::span<const graded_text> graded) {
  return graded.size() >= fewest_graded && std::any_of(graded.begin(), graded.end(), [&](const graded_text& one) {
           return kind_of(one) != kind_of(graded.front());
         });
}

const std::array<std::string_view, graded_feature_count> graded_feature_names{"meaning_correct_max",
                                                                              "meaning_correct_mean",
                                                                              "meaning_correct_vote",
                                                                              "meaning_incorrect_max",
                                                                              "meaning_incorrect_mean",
                                                                              "meaning_incorrect_vote",
                                                                              "meaning_contradictory_max",
                                                                              "meaning_contradictory_mean",
                                                                              "meaning_contradictory_vote",
                                                                              "letters_correct_max",
                                                                              "letters_correct_mean",
                                                                              "letters_correct_vote",
                                                                              "letters_incorrect_max",
                                                                              "letters_incorrect_mean",
                                                                              "letters_incorrect_vote",
                                                                              "letters_contradictory_max",
                                                                              "letters_contradictory_mean",
                                                                              "letters_contradictory_vote",
                                                                              "words_correct_max",
                                                                              "words_correct_mean",
                                                                              "words_correct_vote",
                                                                              "words_incorrect_max",
                                                                              "words_incorrect_mean",
                                                                              "words_incorrect_vote",
                                                                              "words_contradictory_max",
                                                                              "words_contradictory_mean",
                                                                              "words_contradictory_vote",
                                                                              "share_correct",
                                                                              "share_incorrect",
                                                                              "share_contradictory",
                                                                              "log_graded"};

graded_comparison compare(const embedded_text& answer, std::span<const graded_text> graded) {
  graded_comparison found;
  std::array<std::vector<double>, likenesses> likeness;
  std::array<double, kinds> counts{};
  const auto stems = distinct_stems(answer.analysis);
  double highest = -1;
  for (std::size_t i = 0; i < graded.size(); ++i) {
    const auto& other = *graded[i].text;
    const std::array now{similarity(answer.embedding, other.embedding),
                         alike_in_letters(answer.analysis, other.analysis),
                         alike_in_words(stems, distinct_stems(other.analysis))};
    for (std::size_t l = 0; l < likenesses; ++l)
      likeness[l].push_back(now[l]);
    ++counts[kind_of(graded[i])];
    if (const auto sum = std::accumulate(now.begin(), now.end(), 0.0); sum > highest) {
      highest = sum;
      found.nearest = i;
    }
  }
  for (std::size_t l = 0; l < likenesses; ++l)
    describe(likeness[l], graded, &found.features[l * kinds * 3]);
  const auto all = static_cast<double>(graded.size());
  for (std::size_t kind = 0; kind < kinds; ++kind)
    found.features[likenesses * kinds * 3 + kind] = (counts[kind] + 0.5) / (all + 1.5);
  found.features.back() = std::log1p(all);
  return found;
}

} // namespace chalkstream::education

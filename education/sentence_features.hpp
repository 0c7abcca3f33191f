// What a learnt summariser sees of a sentence: its place and length, how near it is to the rest of its text, and the
// words it has, one by one and in pairs.
#pragma once

#include "education/summary_choice.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

/// place is 0 to 1 from the first sentence to the last; words are counted as its logarithm, as what is missing to 15
/// or beyond 30 of them, and as the share of the text's; near_… are cosines: to the mean of the sentences, of the
/// others, to the one before and behind, and to the windows, also without the text's mean and as the share of
/// sentences that are nearer. shared_words: how many sentences have its words, repeated_words: how often the text
/// has them.
inline constexpr std::array<std::string_view, 19> sentence_feature_names = {
    "place",       "place_squared", "first",          "second",       "last",
    "words",       "short",         "long",           "share",        "near_sentences",
    "near_others", "near_previous", "near_next",      "near_windows", "near_windows_of_text",
    "nearer",      "shared_words",  "repeated_words", "ended"};

struct sentence_features {
  /// As sentence_feature_names has them; all finite.
  std::array<float, sentence_feature_names.size()> numbers{};
  /// Words in lower case, pairs of neighbours as "in this", and the first one also as "^ we". Sorted, each once.
  std::vector<std::string> phrases;
};

/// Of each sentence of `all`, whose texts these are: UTF-8, as many. Linear in the texts and in the vectors.
std::vector<sentence_features> features_of(const embedded_document& all, std::span<const std::string_view> texts);

} // namespace chalkstream::education

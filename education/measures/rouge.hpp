// ROUGE (Lin 2004): how much of a reference summary a summary has, and the other way round, as the F-measure
// 2 · precision · recall / (precision + recall) of
//   rouge1, rouge2   single words, pairs of words, as bags
//   rougeL           the longest common subsequence of words, of the whole text at once
// The figures are those of Google's rouge-score, from 0 to 1 (papers print them times 100). Of several references the
// best counts, for each figure by itself.
//
// Words there are runs of the letters a-z and digits after lower-casing; everything else separates. A text in another
// script therefore has no words and scores 0: `words_of::any_script` takes letters, marks and numbers of every script
// as words, each ideograph and kana as one, and agrees with rouge-score where a text is English alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education::measures {

enum class words_of : std::uint8_t { latin, any_script };

struct rouge_settings {
  words_of words = words_of::latin;
  /// Porter stems in place of words of more than three letters (rouge-score's use_stemmer).
  bool stem = false;
};

std::vector<std::string> rouge_words(std::string_view text, const rouge_settings& settings = {});

struct rouge_scores {
  double rouge1 = 0;
  double rouge2 = 0;
  double rouge_l = 0;
};

/// 0 where a side has no words, so also of two empty texts; 0 of no references.
rouge_scores rouge(std::string_view predicted, std::span<const std::string> references,
                   const rouge_settings& settings = {});

} // namespace chalkstream::education::measures

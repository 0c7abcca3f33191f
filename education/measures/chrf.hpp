// chrF (Popović 2015) and chrF++ (Popović 2017) of a corpus, as sacrebleu computes them by default, from 0 to 100:
//
//   chrF = (1 + β²) · P · R / (β² · P + R) with β = 2
//   P, R   means over the orders of n-gram precision and recall, counted over the corpus
//
// chrF has n-grams of 1 to 6 characters, white space left out; chrF++ adds words and pairs of words, a punctuation
// mark at a word's end or start set apart. Orders of which either side has no n-gram are left out of the means. Of
// several references the one with the best score for its segment counts, the first of equals.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education::measures {

enum class chrf_kind : std::uint8_t { characters, with_words };

inline constexpr std::size_t chrf_character_orders = 6;
inline constexpr std::size_t chrf_word_orders = 2;

/// What chrF needs to know of a segment; the sum over segments is what it needs of a corpus.
struct chrf_counts {
  struct order {
    std::size_t predicted = 0;
    std::size_t referenced = 0;
    std::size_t matches = 0;
  };
  /// Characters first, then words.
  std::array<order, chrf_character_orders + chrf_word_orders> orders{};

  chrf_counts& operator+=(const chrf_counts& other);
};

/// With words; of no references nothing is counted. Which reference is best depends on the kind.
chrf_counts count_chrf(std::string_view predicted, std::span<const std::string> references, chrf_kind kind);

/// 0 where nothing matches, so also of two empty texts.
double chrf(const chrf_counts& corpus, chrf_kind kind);

/// chrF++'s words: `"(hi)"` is "(hi" and ")", a mark at the end goes before one at the start.
std::vector<std::string> chrf_words(std::string_view text);

} // namespace chalkstream::education::measures

// What a linear model over n-grams sees of a text: how often each short run of characters and of words occurs, and a
// few numbers of its shape. In the scoring of essays these are hard to beat where texts are few (Vajjala and Rama
// 2018, "Experiments with universal CEFR classification"); they need no tokenizer and know every language.
//
// Runs are hashed into buckets (Weinberger et al. 2009, "Feature hashing for large scale multitask learning"), those
// of characters into the lower half and those of words into the upper. Runs of characters do not cross words: each
// word counts with a space before and behind it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace chalkstream::models {

struct ngram_settings {
  /// Each half has 2^bits buckets.
  std::size_t bits = 18;
  std::size_t shortest_characters = 2;
  std::size_t longest_characters = 5;
  std::size_t longest_words = 2;

  std::size_t buckets() const noexcept { return std::size_t{2} << bits; }
};

/// Logarithms of its words and characters; characters a word, words a sentence, different words over the root of all,
/// commas a word, logarithm of its lines, and the shares of words longer than 6 and than 9.
inline constexpr std::size_t text_shape_width = 9;

struct ngram_counts {
  struct count {
    std::uint32_t bucket = 0;
    float times = 0;
  };
  /// Ascending by bucket.
  std::vector<count> runs;
  std::array<float, text_shape_width> shape{};
};

/// `text` is valid UTF-8. Time and memory are linear in it.
ngram_counts count_ngrams(std::string_view text, const ngram_settings& settings);

} // namespace chalkstream::models

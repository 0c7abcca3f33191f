// A short text as grading compares it: visible characters only, words in lower case, light English stems, numbers,
// negations. Everything the fitted model's features are made of, computed once per text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

struct analysed_word {
  std::string word; // lower case
  std::string stem; // without common endings; number words as digits
  bool function_word = false;
  bool number = false;
};

struct analysed_text {
  /// In order; at most 1024 (what is beyond is not looked at).
  std::vector<analysed_word> words;
  /// Sorted, each once: stems of words that carry content (numbers and negations excluded).
  std::vector<std::string> content;
  /// Sorted, each once: numbers in plain notation, so that "two", "2" and "2.0" agree.
  std::vector<std::string> numbers;
  /// Sorted hashes of the trigrams of letters and digits within words.
  std::vector<std::uint32_t> trigrams;
  std::size_t negations = 0;
  std::size_t invisible = 0;
};

/// Linear in the text's length.
analysed_text analyse(std::string_view text);

/// Equal, or so close that a slip of the pen explains it: one edit from five letters on, two from nine on.
bool same_stem(std::string_view left, std::string_view right) noexcept;

/// How many of `wanted` have a same_stem in `present` (both sorted).
std::size_t count_matches(const std::vector<std::string>& wanted, const std::vector<std::string>& present);

/// The visible text: invisible characters dropped, runs of white space as one space.
std::string visible_text(std::string_view text);

} // namespace chalkstream::education

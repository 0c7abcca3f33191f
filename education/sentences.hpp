// A text's sentences and where they stand in it.
//
// Boundaries are those of Unicode's text segmentation (UAX #29, by ICU, in the language's version), mended where a
// reader would not see one: abbreviations and initials, the number of a list's entry, and a line that was only
// wrapped (the next one goes on in lower case). ICU's own lists of abbreviations are not used: they match the ends of
// words.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace chalkstream::education {

/// Without the white space and the invisible characters around it; has a letter or a digit.
struct sentence_span {
  /// Bytes [begin, end).
  std::size_t begin = 0;
  std::size_t end = 0;
  /// Code points [start, stop).
  std::size_t start = 0;
  std::size_t stop = 0;
};

struct sentence_limits {
  std::size_t sentences = 1024;
  /// How far into the text one looks.
  std::size_t bytes = std::size_t{1} << 20;
  /// In a sentence; a longer one is split, at white space where there is some.
  std::size_t code_points = 1000;
};

struct split_text {
  std::vector<sentence_span> sentences;
  /// The limits left nothing out.
  bool whole = true;
};

/// `lang` is a BCP 47 tag, or empty: then English abbreviations are known. Time is linear in what is looked at; looks
/// no further than the limits. `text` is UTF-8. Thread-safe.
split_text split_sentences(std::string_view text, std::string_view lang, const sentence_limits& limits = {});

/// Ends with a full stop or the like, closing quotes and brackets allowed: no heading.
bool ends_like_a_sentence(std::string_view text) noexcept;

} // namespace chalkstream::education

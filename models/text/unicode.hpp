// What a code point is, exactly as Hugging Face `tokenizers` sees it. ICU answers for everything the two agree on;
// the reference freezes each property at the Unicode version of the Rust table it was built with:
//   categories (control, punctuation, nonspacing mark)   Unicode 8.0
//   normalization forms, "is a combining mark", scripts  Unicode 9.0
//   \w, \p{L} and \p{N} of its regular expressions       Unicode 16.0
//   lower case, White_Space, "is numeric" of its library Unicode 17.0
// A character younger than a table is unknown to it, which ICU's age property tells; the few characters whose
// property changed, or that are younger than Debian's ICU, are listed in the source. tests/text/goldens holds a
// digest over all 1,112,064 scalar values against this.
// Every function takes any Unicode scalar value, is thread-safe and does not allocate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace chalkstream::text::unicode {

/// A short sequence of code points by value. U+FDFA has the longest mapping there is: 18.
struct expansion {
  std::array<char32_t, 18> points; // the first `size` are set
  std::size_t size = 0;
};

bool is_whitespace(char32_t cp) noexcept;
/// What clean_text removes: categories Cc (but tab, line feed and carriage return), Cf, Co, and U+0000 and U+FFFD.
bool is_cleaned(char32_t cp) noexcept;
/// ASCII punctuation and symbols, and category P.
bool is_punctuation(char32_t cp) noexcept;
/// \w of the reference's regular expressions: letters, marks, digits, connectors, joiners.
bool is_word_character(char32_t cp) noexcept;
/// \p{L} and \p{N} of the regular expressions in tokenizer.json, whose engine knows Unicode 16.0; its \s is
/// is_whitespace.
bool is_letter(char32_t cp) noexcept;
bool is_number(char32_t cp) noexcept;
/// Category N of its standard library: what Digits cuts at.
bool is_numeric(char32_t cp) noexcept;
/// Category Mn: what BertNormalizer strips.
bool is_nonspacing_mark(char32_t cp) noexcept;
/// Category M: what the StripAccents component strips.
bool is_combining_mark(char32_t cp) noexcept;
/// The blocks BERT's multilingual models treat as Chinese; like the reference, without U+2B820..U+2B91F.
bool is_chinese(char32_t cp) noexcept;

/// The script as UnicodeScripts sees it, which counts Hiragana and Katakana as Han: one of ICU's numbers, or
/// any_script for spaces and whatever has none.
inline constexpr int any_script = -1;
int script(char32_t cp) noexcept;

/// Canonical combining class; 0 for starters.
std::uint8_t combining_class(char32_t cp) noexcept;
/// Full lower case without context (no final sigma): one code point, two for U+0130.
expansion lower(char32_t cp) noexcept;
enum class decomposition : std::uint8_t { canonical, compatible };
/// Full decomposition, or the character itself.
expansion decompose(char32_t cp, decomposition kind) noexcept;
/// The primary composite of the two, or 0.
char32_t compose(char32_t first, char32_t second) noexcept;

} // namespace chalkstream::text::unicode

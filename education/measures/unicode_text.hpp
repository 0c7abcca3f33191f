// Text as the reference scripts of the measures see it: they are Python, so white space, letters and lower case are
// Python's. Broken UTF-8 counts as U+FFFD and is never refused. Everything is linear in the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education::measures {

/// One value a code point.
std::u32string code_points(std::string_view text);
std::string utf8(std::u32string_view points);

/// str.lower(): Unicode's full mapping with its two special cases (U+0130 becomes two code points, a capital sigma at
/// a word's end the final one), in no language.
std::string lower_case(std::string_view text);

/// str.isspace(): what str.split() splits at and `\s` matches. Has U+001C to U+001F, which Unicode's White_Space
/// lacks.
bool is_python_space(char32_t c) noexcept;

/// `\w` of Python's `re`: letters, numbers of any kind, the underscore. Combining marks are none.
bool is_python_word(char32_t c) noexcept;

/// Category M: a mark on the character before it, as the vowel signs of Indic scripts are.
bool is_mark(char32_t c) noexcept;

/// An ideograph or kana: a script that puts no space between words.
bool is_unspaced(char32_t c) noexcept;

/// str.split(): the pieces between white space, none of them empty. They point into `text`.
std::vector<std::string_view> split_words(std::string_view text);

/// str.strip() and str.rstrip().
std::string_view stripped(std::string_view text);
std::string_view stripped_right(std::string_view text);

} // namespace chalkstream::education::measures

#include "education/measures/unicode_text.hpp"

#include "education/characters.hpp"

#include <algorithm>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace chalkstream::education::measures {

std::u32string code_points(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (std::size_t i = 0; i < text.size();)
    points.push_back(next_code_point(text, i));
  return points;
}

std::string utf8(std::u32string_view points) {
  std::string text;
  text.reserve(points.size());
  for (const auto c : points)
    append_utf8(text, c);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    for (auto& c : lower)
      if (c >= 'A' && c <= 'Z')
        c = static_cast<char>(c + ('a' - 'A'));
    return lower;
  }
  auto wide = icu::UnicodeString::fromUTF8(icu::StringPiece{text.data(), static_cast<std::int32_t>(text.size())});
  lower.clear();
  wide.toLower(icu::Locale::getRoot()).toUTF8String(lower);
  return lower;
}

bool is_python_space(char32_t c) noexcept {
  return is_space(c) || (c >= 0x1C && c <= 0x1F);
}

bool is_python_word(char32_t c) noexcept {
  if (c < 0x80)
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
  const auto point = static_cast<UChar32>(c);
  return u_isalpha(point) || u_getIntPropertyValue(point, UCHAR_NUMERIC_TYPE) != U_NT_NONE;
}

bool is_mark(char32_t c) noexcept {
  return c >= 0x300 && (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0;
}

bool is_unspaced(char32_t c) noexcept {
  return (c >= 0x3040 && c <= 0x30FF) || u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_IDEOGRAPHIC);
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t began = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto at = i;
    if (!is_python_space(next_code_point(text, i)))
      continue;
    if (at > began)
      words.push_back(text.substr(began, at - began));
    began = i;
  }
  if (text.size() > began)
    words.push_back(text.substr(began));
  return words;
}

std::string_view stripped(std::string_view text) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < text.size(); first = i)
    if (!is_python_space(next_code_point(text, i)))
      break;
  return stripped_right(text.substr(first));
}

std::string_view stripped_right(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();)
    if (!is_python_space(next_code_point(text, i)))
      end = i;
  return text.substr(0, end);
}

} // namespace chalkstream::education::measures

#include "models/text/unicode.hpp"

#include <algorithm>
#include <iterator>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include "models/text/unicode_16.hpp"

namespace chalkstream::text::unicode {

namespace {

struct range {
  char32_t first;
  char32_t last;
};

// Unicode 15.1 and 16.0 word characters; ICU 72 knows Unicode 15.0.
constexpr range word_since_15_1[] = {
    {0x0897, 0x0897},   {0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3},
    {0x10D40, 0x10D65}, {0x10D69, 0x10D6D}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x10EFC, 0x10EFC},
    {0x11380, 0x11389}, {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113C0},
    {0x113C2, 0x113C2}, {0x113C5, 0x113C5}, {0x113C7, 0x113CA}, {0x113CC, 0x113D3}, {0x113E1, 0x113E2},
    {0x116D0, 0x116E3}, {0x11BC0, 0x11BE0}, {0x11BF0, 0x11BF9}, {0x11F5A, 0x11F5A}, {0x13460, 0x143FA},
    {0x16100, 0x16139}, {0x16D40, 0x16D6C}, {0x16D70, 0x16D79}, {0x18CFF, 0x18CFF}, {0x1CCF0, 0x1CCF9},
    {0x1E5D0, 0x1E5FA}, {0x2EBF0, 0x2EE5D},
};

struct case_range {
  char32_t first;
  char32_t last;
  char32_t lower_of_first;
};

// Capital letters of Unicode 16.0 and 17.0, likewise.
constexpr case_range lower_since_15_1[] = {
    {0x1C89, 0x1C89, 0x1C8A},    {0xA7CB, 0xA7CB, 0x0264},    {0xA7CC, 0xA7CC, 0xA7CD}, {0xA7CE, 0xA7CE, 0xA7CF},
    {0xA7D2, 0xA7D2, 0xA7D3},    {0xA7D4, 0xA7D4, 0xA7D5},    {0xA7DA, 0xA7DA, 0xA7DB}, {0xA7DC, 0xA7DC, 0x019B},
    {0x10D50, 0x10D65, 0x10D70}, {0x16EA0, 0x16EB8, 0x16EBB},
};

/// True when the character was already in Unicode `major`.0. Unassigned characters have age 0 and were not.
bool known_in(char32_t cp, std::uint8_t major) noexcept {
  if (cp < 0x80)
    return true;
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(cp), age);
  return age[0] != 0 && (age[0] < major || (age[0] == major && age[1] == 0));
}

bool has_category(char32_t cp, std::uint32_t mask) noexcept {
  return (U_GET_GC_MASK(static_cast<UChar32>(cp)) & mask) != 0;
}

/// The character is younger than ICU and of this group of categories.
bool is_young(char32_t cp, char group) noexcept {
  const auto ranges = young_ranges();
  const auto at = std::lower_bound(ranges.begin(), ranges.end(), cp,
                                   [](const young_range& each, char32_t wanted) { return each.last < wanted; });
  return at != ranges.end() && at->first <= cp && at->group == group;
}

const UNormalizer2* form(const UNormalizer2* (*instance)(UErrorCode*)) noexcept {
  UErrorCode status = U_ZERO_ERROR;
  return instance(&status);
}

const UNormalizer2* nfc() noexcept {
  static const UNormalizer2* const instance = form(&unorm2_getNFCInstance);
  return instance;
}

const UNormalizer2* nfkc() noexcept {
  static const UNormalizer2* const instance = form(&unorm2_getNFKCInstance);
  return instance;
}

expansion itself(char32_t cp) noexcept {
  expansion only;
  only.points[0] = cp;
  only.size = 1;
  return only;
}

} // namespace

bool is_whitespace(char32_t cp) noexcept {
  if (cp < 0x80)
    return cp == ' ' || (cp >= '\t' && cp <= '\r');
  return u_isUWhiteSpace(static_cast<UChar32>(cp)) != 0;
}

bool is_cleaned(char32_t cp) noexcept {
  if (cp < 0x80)
    return (cp < ' ' && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0x7F;
  if (cp == 0xFFFD)
    return true;
  return has_category(cp, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK) && known_in(cp, 8);
}

bool is_punctuation(char32_t cp) noexcept {
  if (cp < 0x80)
    return cp > ' ' && cp < 0x7F && u_isalnum(static_cast<UChar32>(cp)) == 0;
  if (cp == 0x166D || cp == 0x111C9) // were Po until Unicode 12.0 and 11.0
    return true;
  return has_category(cp, U_GC_P_MASK) && known_in(cp, 8);
}

bool is_word_character(char32_t cp) noexcept {
  if (cp < 0x80)
    return cp == '_' || u_isalnum(static_cast<UChar32>(cp)) != 0;
  if (known_in(cp, 15))
    return has_category(cp, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)
           || u_hasBinaryProperty(static_cast<UChar32>(cp), UCHAR_ALPHABETIC) != 0
           || u_hasBinaryProperty(static_cast<UChar32>(cp), UCHAR_JOIN_CONTROL) != 0;
  return std::any_of(std::begin(word_since_15_1), std::end(word_since_15_1),
                     [cp](const range& each) { return each.first <= cp && cp <= each.last; });
}

bool is_letter(char32_t cp) noexcept {
  if (cp < 0x80)
    return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
  return has_category(cp, U_GC_L_MASK) || is_young(cp, 'L');
}

bool is_number(char32_t cp) noexcept {
  if (cp < 0x80)
    return cp >= '0' && cp <= '9';
  return has_category(cp, U_GC_N_MASK) || is_young(cp, 'N');
}

bool is_numeric(char32_t cp) noexcept {
  const bool since_17 = (cp >= 0x11DE0 && cp <= 0x11DE9) || (cp >= 0x16FF4 && cp <= 0x16FF6);
  return is_number(cp) || since_17;
}

bool is_nonspacing_mark(char32_t cp) noexcept {
  if (cp < 0x300)
    return false;
  switch (cp) {
  case 0x1734: // was Mn until Unicode 14.0
    return true;
  case 0x1885: // were Lo until Unicode 9.0
  case 0x1886:
  case 0xA9BD:  // was Mc until Unicode 11.0
  case 0x111C9: // was Po until Unicode 11.0
    return false;
  default:
    return has_category(cp, U_GC_MN_MASK) && known_in(cp, 8);
  }
}

bool is_combining_mark(char32_t cp) noexcept {
  if (cp < 0x300)
    return false;
  switch (cp) {
  case 0x1CF2: // were Mc until Unicode 12.0
  case 0x1CF3:
    return true;
  case 0x111C9: // was Po until Unicode 11.0
    return false;
  default:
    return has_category(cp, U_GC_M_MASK) && known_in(cp, 9);
  }
}

bool is_chinese(char32_t cp) noexcept {
  if (cp < 0x3400)
    return false;
  return cp <= 0x4DBF || (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF)
         || (cp >= 0x20000 && cp <= 0x2A6DF) || (cp >= 0x2A700 && cp <= 0x2B81F) || (cp >= 0x2B920 && cp <= 0x2CEAF)
         || (cp >= 0x2F800 && cp <= 0x2FA1F);
}

std::uint8_t combining_class(char32_t cp) noexcept {
  if (cp < 0x300)
    return 0;
  const std::uint8_t value = u_getCombiningClass(static_cast<UChar32>(cp));
  return value != 0 && known_in(cp, 9) ? value : 0;
}

expansion lower(char32_t cp) noexcept {
  if (cp < 0x80)
    return itself(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp);
  if (cp == 0x130) {
    expansion dotted = itself('i');
    dotted.points[dotted.size++] = 0x307;
    return dotted;
  }
  if (known_in(cp, 15))
    return itself(static_cast<char32_t>(u_tolower(static_cast<UChar32>(cp))));
  for (const case_range& each : lower_since_15_1)
    if (each.first <= cp && cp <= each.last)
      return itself(each.lower_of_first + (cp - each.first));
  return itself(cp);
}

int script(char32_t cp) noexcept {
  switch (cp) {
  case ' ':
    return any_script;
  case 0x30FC:
    return USCRIPT_HAN;
  case 0x589: // were Common until Unicode 10.0 and later
  case 0x61C:
    return USCRIPT_COMMON;
  case 0x953: // were Devanagari, likewise
  case 0x954:
    return USCRIPT_DEVANAGARI;
  default:
    break;
  }
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode its = uscript_getScript(static_cast<UChar32>(cp), &status);
  if (U_FAILURE(status) || its == USCRIPT_UNKNOWN || !known_in(cp, 9))
    return any_script;
  return its == USCRIPT_HIRAGANA || its == USCRIPT_KATAKANA ? USCRIPT_HAN : its;
}

expansion decompose(char32_t cp, decomposition kind) noexcept {
  if (cp < 0xA0)
    return itself(cp);
  UChar units[2 * std::tuple_size_v<decltype(expansion::points)>];
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t length = unorm2_getDecomposition(kind == decomposition::canonical ? nfc() : nfkc(),
                                                      static_cast<UChar32>(cp), units, std::size(units), &status);
  if (length < 0 || U_FAILURE(status) || !known_in(cp, 9))
    return itself(cp);
  expansion parts;
  for (std::int32_t at = 0; at < length && parts.size < parts.points.size();) {
    UChar32 point;
    U16_NEXT(units, at, length, point);
    parts.points[parts.size++] = static_cast<char32_t>(point);
  }
  return parts;
}

char32_t compose(char32_t first, char32_t second) noexcept {
  if (second < 0x300)
    return 0;
  const UChar32 composite = unorm2_composePair(nfc(), static_cast<UChar32>(first), static_cast<UChar32>(second));
  return composite > 0 && known_in(static_cast<char32_t>(composite), 9) ? static_cast<char32_t>(composite) : 0;
}

} // namespace chalkstream::text::unicode

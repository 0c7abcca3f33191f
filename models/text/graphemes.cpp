#include "models/text/graphemes.hpp"

#include <algorithm>
#include <iterator>

#include <unicode/uchar.h>

namespace chalkstream::text {

namespace {

int break_class(char32_t cp) {
  return u_getIntPropertyValue(static_cast<UChar32>(cp), UCHAR_GRAPHEME_CLUSTER_BREAK);
}

bool is_control(int kind) {
  return kind == U_GCB_CONTROL || kind == U_GCB_CR || kind == U_GCB_LF;
}

bool is_pictograph(char32_t cp) {
  return u_hasBinaryProperty(static_cast<UChar32>(cp), UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

struct range {
  char32_t first, last;
};

// InCB=Consonant and InCB=Linker of Unicode 15.1, which ICU does not know yet.
constexpr range consonants[] = {
    {0x915, 0x939}, {0x958, 0x95F}, {0x978, 0x97F}, {0x995, 0x9A8}, {0x9AA, 0x9B0}, {0x9B2, 0x9B2}, {0x9B6, 0x9B9},
    {0x9DC, 0x9DD}, {0x9DF, 0x9DF}, {0x9F0, 0x9F1}, {0xA95, 0xAA8}, {0xAAA, 0xAB0}, {0xAB2, 0xAB3}, {0xAB5, 0xAB9},
    {0xAF9, 0xAF9}, {0xB15, 0xB28}, {0xB2A, 0xB30}, {0xB32, 0xB33}, {0xB35, 0xB39}, {0xB5C, 0xB5D}, {0xB5F, 0xB5F},
    {0xB71, 0xB71}, {0xC15, 0xC28}, {0xC2A, 0xC39}, {0xC58, 0xC5A}, {0xD15, 0xD3A}};

bool is_consonant(char32_t cp) {
  return cp >= 0x915 && cp <= 0xD3A
         && std::any_of(std::begin(consonants), std::end(consonants),
                        [cp](const range& each) { return each.first <= cp && cp <= each.last; });
}

bool is_linker(char32_t cp) {
  return cp == 0x94D || cp == 0x9CD || cp == 0xACD || cp == 0xB4D || cp == 0xC4D || cp == 0xD4D;
}

/// Rule GB9c: a consonant, marks with a linker among them, and a consonant stay together.
class conjunct {
public:
  void take(char32_t cp, bool mark) {
    linked_ = mark && begun_ && (linked_ || is_linker(cp));
    begun_ = is_consonant(cp) || (mark && begun_);
  }
  bool joins(char32_t cp) const { return linked_ && is_consonant(cp); }

private:
  bool begun_ = false, linked_ = false;
};

/// Rules GB6 to GB9b: the two stay together whatever stands before them.
bool stay_together(int left, int right) {
  switch (right) {
  case U_GCB_EXTEND:
  case U_GCB_ZWJ:
  case U_GCB_SPACING_MARK:
    return true;
  case U_GCB_V:
    if (left == U_GCB_LV || left == U_GCB_V)
      return true;
    [[fallthrough]];
  case U_GCB_L:
  case U_GCB_LV:
  case U_GCB_LVT:
    return left == U_GCB_L || left == U_GCB_PREPEND;
  case U_GCB_T:
    return left == U_GCB_LV || left == U_GCB_V || left == U_GCB_LVT || left == U_GCB_T || left == U_GCB_PREPEND;
  default:
    return left == U_GCB_PREPEND;
  }
}

} // namespace

std::size_t grapheme_end(std::span<const normalized_text::character> text, std::size_t at) noexcept {
  // Between two characters of ASCII there is a break, but for CR LF.
  if (text[at].cp < 0x80 && (at + 1 == text.size() || text[at + 1].cp < 0x80))
    return at + 1 < text.size() && text[at].cp == '\r' && text[at + 1].cp == '\n' ? at + 2 : at + 1;
  int left = break_class(text[at].cp);
  if (is_control(left))
    return at + 1;
  bool emoji = is_pictograph(text[at].cp); // a pictograph, then marks
  conjunct letters;
  letters.take(text[at].cp, false);
  for (std::size_t end = at + 1; end < text.size(); ++end) {
    const char32_t cp = text[end].cp;
    const int right = break_class(cp);
    const bool pictograph = is_pictograph(cp);
    const bool joined = (left == U_GCB_ZWJ && emoji && pictograph) || letters.joins(cp); // GB11, GB9c
    if (is_control(right) || (!joined && !stay_together(left, right)))
      return end;
    const bool mark = right == U_GCB_EXTEND || right == U_GCB_ZWJ;
    emoji = pictograph || (emoji && mark);
    letters.take(cp, mark);
    left = right;
  }
  return text.size();
}

} // namespace chalkstream::text

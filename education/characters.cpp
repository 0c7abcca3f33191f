#include "education/characters.hpp"

#include <algorithm>
#include <span>

namespace chalkstream::education {

namespace {

struct range {
  char32_t first;
  char32_t last;
};

bool in(std::span<const range> ranges, char32_t c) noexcept {
  return std::any_of(ranges.begin(), ranges.end(), [c](const range& r) { return c >= r.first && c <= r.last; });
}

constexpr range invisible[] = {{0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},     {0x115F, 0x1160},
                               {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F},   {0x202A, 0x202E},
                               {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
                               {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
constexpr range spaces[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
                            {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
constexpr range latin[] = {{'A', 'Z'},       {'a', 'z'},       {0xAA, 0xAA},     {0xBA, 0xBA},     {0xC0, 0xD6},
                           {0xD8, 0xF6},     {0xF8, 0x2AF},    {0x1E00, 0x1EFF}, {0x2C60, 0x2C7F}, {0xA720, 0xA7FF},
                           {0xFB00, 0xFB06}, {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A}};
/// Blocks of letters of all other scripts in living use; punctuation and symbols lie between them.
constexpr range other[] = {{0x370, 0x3FF},   {0x400, 0x52F},   {0x531, 0x587},    {0x5D0, 0x5F2},   {0x620, 0x64A},
                           {0x66E, 0x6D3},   {0x6FA, 0x77F},   {0x780, 0x7B1},    {0x7CA, 0x963},   {0x971, 0xE4F},
                           {0xE81, 0xEDF},   {0xF40, 0xFBC},   {0x1000, 0x109F},  {0x10A0, 0x11FF}, {0x1200, 0x139F},
                           {0x13A0, 0x167F}, {0x1780, 0x17B3}, {0x1820, 0x18AA},  {0x1F00, 0x1FFF}, {0x2C00, 0x2C5F},
                           {0x2D00, 0x2DDF}, {0x3005, 0x3007}, {0x3041, 0x30FF},  {0x3105, 0x318E}, {0x3400, 0x4DBF},
                           {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},  {0xF900, 0xFAFF}, {0xFB1D, 0xFDFB},
                           {0xFE70, 0xFEFC}, {0xFF66, 0xFF9F}, {0x20000, 0x323AF}};

} // namespace

char32_t next_code_point(std::string_view text, std::size_t& position) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const char32_t lead = byte(position);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 1) {
    ++position;
    return lead;
  }
  if (length == 0 || position + length > text.size()) {
    ++position;
    return 0xFFFD;
  }
  char32_t c = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(position + i) & 0xC0) != 0x80) {
      ++position;
      return 0xFFFD;
    }
    c = c << 6 | (byte(position + i) & 0x3F);
  }
  position += length;
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_invisible(char32_t c) noexcept {
  return c >= 0xAD && in(invisible, c);
}

bool is_space(char32_t c) noexcept {
  if (c < 0x80)
    return c == ' ' || (c >= 0x09 && c <= 0x0D);
  return in(spaces, c);
}

bool is_blank(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = next_code_point(text, i);
    if (c >= 0x21 && !is_space(c) && !is_invisible(c))
      return false;
  }
  return true;
}

bool is_latin(char32_t c) noexcept {
  if (c < 0x80)
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  return in(latin, c);
}

bool is_letter(char32_t c) noexcept {
  return is_latin(c) || (c >= 0x370 && in(other, c));
}

letter_counts count_letters(std::string_view text) noexcept {
  letter_counts counts;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = next_code_point(text, i);
    if (is_latin(c))
      ++counts.latin;
    else if (c >= 0x370 && in(other, c))
      ++counts.other;
  }
  return counts;
}

} // namespace chalkstream::education

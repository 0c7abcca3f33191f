#include "pipelines/tools/dot_letters.hpp"

namespace chalkstream::pipelines::tools {

namespace {

constexpr dot_letter block{3, {7, 7, 7, 7, 7}};
constexpr char first = ' ';

/// From the space to the underscore, in ASCII's order.
constexpr std::array<dot_letter, 64> letters{{
    {2, {0, 0, 0, 0, 0}},  {1, {1, 1, 1, 0, 1}},      {3, {5, 5, 0, 0, 0}},   {3, {5, 7, 5, 7, 5}},
    {3, {3, 6, 3, 6, 2}},  {3, {5, 1, 2, 4, 5}},      {4, {4, 10, 4, 10, 5}}, {1, {1, 1, 0, 0, 0}},
    {2, {1, 2, 2, 2, 1}},  {2, {2, 1, 1, 1, 2}},      {3, {5, 2, 5, 0, 0}},   {3, {0, 2, 7, 2, 0}},
    {2, {0, 0, 0, 1, 2}},  {3, {0, 0, 7, 0, 0}},      {1, {0, 0, 0, 0, 1}},   {3, {1, 1, 2, 4, 4}},
    {3, {7, 5, 5, 5, 7}},  {3, {2, 6, 2, 2, 7}},      {3, {7, 1, 7, 4, 7}},   {3, {7, 1, 7, 1, 7}},
    {3, {5, 5, 7, 1, 1}},  {3, {7, 4, 7, 1, 7}},      {3, {7, 4, 7, 5, 7}},   {3, {7, 1, 1, 2, 2}},
    {3, {7, 5, 7, 5, 7}},  {3, {7, 5, 7, 1, 7}},      {1, {0, 1, 0, 1, 0}},   {2, {0, 1, 0, 1, 2}},
    {3, {1, 2, 4, 2, 1}},  {3, {0, 7, 0, 7, 0}},      {3, {4, 2, 1, 2, 4}},   {3, {7, 1, 2, 0, 2}},
    {4, {6, 9, 11, 8, 6}}, {3, {2, 5, 7, 5, 5}},      {3, {6, 5, 6, 5, 6}},   {3, {3, 4, 4, 4, 3}},
    {3, {6, 5, 5, 5, 6}},  {3, {7, 4, 6, 4, 7}},      {3, {7, 4, 6, 4, 4}},   {4, {6, 8, 11, 9, 6}},
    {3, {5, 5, 7, 5, 5}},  {3, {7, 2, 2, 2, 7}},      {3, {1, 1, 1, 5, 2}},   {3, {5, 5, 6, 5, 5}},
    {3, {4, 4, 4, 4, 7}},  {5, {17, 27, 21, 17, 17}}, {4, {9, 13, 11, 9, 9}}, {4, {6, 9, 9, 9, 6}},
    {3, {6, 5, 6, 4, 4}},  {4, {6, 9, 9, 10, 5}},     {3, {6, 5, 6, 5, 5}},   {3, {3, 4, 2, 1, 6}},
    {3, {7, 2, 2, 2, 2}},  {3, {5, 5, 5, 5, 7}},      {3, {5, 5, 5, 5, 2}},   {5, {17, 17, 21, 27, 17}},
    {3, {5, 5, 2, 5, 5}},  {3, {5, 5, 2, 2, 2}},      {3, {7, 1, 2, 4, 7}},   {2, {3, 2, 2, 2, 3}},
    {3, {4, 4, 2, 1, 1}},  {2, {3, 1, 1, 1, 3}},      {3, {2, 5, 0, 0, 0}},   {3, {0, 0, 0, 0, 7}},
}};

/// What comes after the letters in ASCII, as something above that is like it.
constexpr char like(char c) {
  switch (c) {
  case '`':
    return '\'';
  case '{':
    return '(';
  case '}':
    return ')';
  case '|':
    return '!';
  case '~':
    return '-';
  default:
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

} // namespace

std::vector<dot_letter> dot_letters(std::string_view text) {
  std::vector<dot_letter> made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xc0) // the character's first byte stood for it
      continue;
    const auto at = static_cast<std::size_t>(like(c) - first);
    made.push_back(byte >= ' ' && byte < 0x7f && at < letters.size() ? letters[at] : block);
  }
  return made;
}

} // namespace chalkstream::pipelines::tools

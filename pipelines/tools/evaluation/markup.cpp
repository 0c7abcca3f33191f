#include "pipelines/tools/evaluation/markup.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace chalkstream::pipelines::tools {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
        out += "\xEF\xBF\xBD";
      else
        out += c;
    }
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && seen++ == most)
      return std::string{text.substr(0, i)} + "…";
  return std::string{text};
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value))
    return "–";
  std::array<char, 400> text; // the largest double has 309 digits before its point
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits).ptr;
  std::string out{text.data(), end};
  // "-0.00" is a difference nobody can see
  return out.find_first_of("123456789") == std::string::npos && out.front() == '-' ? out.substr(1) : out;
}

} // namespace chalkstream::pipelines::tools

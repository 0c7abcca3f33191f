#include "app/text_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace chalkstream::app {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t shortest_name = 8;

std::string printed(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

/// Columns a character takes, by the first byte of its UTF-8: none for what continues one and for combining accents,
/// two from U+3000 to the end of Hangul and for most emoji. Terminals differ in the rest.
std::size_t columns_at(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if ((byte & 0xC0) == 0x80 || byte == 0xCC)
    return 0;
  return (byte >= 0xE3 && byte <= 0xED) || byte == 0xF0 ? 2 : 1;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    columns += columns_at(text, i);
  return columns;
}

/// The whole characters that fit.
std::string_view fitting(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((columns += columns_at(text, i)) > width)
      return text.substr(0, i);
  return text;
}

std::string cut(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width)
    return std::string(text);
  if (width < 2)
    return std::string(fitting(text, width));
  return std::string(fitting(text, width - 2)) + "..";
}

} // namespace

std::string format_count(std::uint64_t n) {
  auto text = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

std::string format_seconds(double seconds) {
  if (!(seconds > 0))
    return "-";
  if (seconds < 0.001)
    return printed("%.0f us", seconds * 1e6);
  if (seconds < 0.00995)
    return printed("%.1f ms", seconds * 1e3);
  if (seconds < 1)
    return printed("%.0f ms", seconds * 1e3);
  if (seconds < 60)
    return printed("%.2f s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, 1e15));
  return format_count(whole / 60) + " m " + std::to_string(whole % 60) + " s";
}

std::string format_rate(double per_second) {
  if (!(per_second > 0))
    return "0";
  return per_second < 100 ? printed("%.1f", per_second)
                          : format_count(static_cast<std::uint64_t>(std::llround(std::min(per_second, 1e15))));
}

std::vector<std::string> text_table::lines(std::size_t width) const {
  auto columns = rows_.front().size();
  std::vector<std::size_t> widths(columns, 0);
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < std::min(columns, row.size()); ++c)
      widths[c] = std::max(widths[c], columns_of(row[c]));
  const auto whole = [&] {
    auto sum = gap * (columns - 1);
    for (std::size_t c = 0; c < columns; ++c)
      sum += widths[c];
    return sum;
  };
  while (whole() > width && widths[0] > shortest_name)
    --widths[0];
  while (whole() > width && columns > 1)
    --columns;
  widths[0] = std::min(widths[0], width);

  std::vector<std::string> all;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < std::min(columns, row.size()); ++c) {
      const auto text = cut(row[c], widths[c]);
      const std::string space(widths[c] - columns_of(text), ' ');
      if (c == 0)
        line.append(text).append(space);
      else
        line.append(gap, ' ').append(space).append(text);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all.push_back(std::move(line));
  }
  return all;
}

} // namespace chalkstream::app

#include "pipelines/configuration_units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace chalkstream::pipelines {

namespace {

struct time_unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array time_units{time_unit{"h", 3'600'000'000'000}, time_unit{"m", 60'000'000'000},
                                time_unit{"s", 1'000'000'000}, time_unit{"ms", 1'000'000}, time_unit{"us", 1'000}};
constexpr double longest = 366.0 * 24 * 3600 * 1e9;

struct byte_unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array byte_units{byte_unit{"GiB", 1U << 30U}, byte_unit{"MiB", 1U << 20U},
                                byte_unit{"KiB", 1U << 10U}, byte_unit{"GB", 1'000'000'000},
                                byte_unit{"MB", 1'000'000},  byte_unit{"KB", 1'000},
                                byte_unit{"kB", 1'000},      byte_unit{"B", 1}};
constexpr std::uint64_t largest = std::uint64_t{1} << 53U;

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Number and unit; the number is digits with at most one point among them.
std::pair<std::string_view, std::string_view> split(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && (digit(text[n]) || text[n] == '.'))
    ++n;
  return {text.substr(0, n), text.substr(n)};
}

// Edits (insert, remove, replace, swap neighbours) that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::string lower(std::string_view text) {
  std::string all(text);
  for (auto& c : all)
    c = c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return all;
}

} // namespace

std::optional<duration> parse_duration(std::string_view text) {
  const auto [number, unit] = split(text);
  double value = 0;
  const auto [end, failed] =
      std::from_chars(number.data(), number.data() + number.size(), value, std::chars_format::fixed);
  if (number.empty() || failed != std::errc{} || end != number.data() + number.size())
    return {};
  for (const auto& u : time_units)
    if (u.name == unit) {
      const auto all = value * static_cast<double>(u.nanoseconds);
      if (all > longest)
        return {};
      return duration{static_cast<duration::rep>(std::llround(all))};
    }
  return {};
}

std::string format_duration(duration d) {
  if (d.count() == 0)
    return "0s";
  for (const auto& u : time_units)
    if (d.count() % u.nanoseconds == 0)
      return std::to_string(d.count() / u.nanoseconds) + std::string(u.name);
  return std::to_string(d.count() / 1000) + "us";
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || !digit(text[0]) || (text.size() > 1 && text[0] == '0') || failed != std::errc{}
      || end != text.data() + text.size())
    return {};
  return value;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto [number, unit] = split(text);
  const auto value = parse_count(number);
  if (!value)
    return {};
  for (const auto& u : byte_units)
    if (u.name == (unit.empty() ? "B" : unit)) {
      if (*value > largest / u.bytes)
        return {};
      return *value * u.bytes;
    }
  return {};
}

std::string format_bytes(std::uint64_t bytes) {
  for (const auto& u : byte_units)
    if (u.name.ends_with("iB") && bytes >= u.bytes && bytes % u.bytes == 0)
      return std::to_string(bytes / u.bytes) + std::string(u.name);
  return std::to_string(bytes);
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > 64)
    return {};
  std::optional<std::string_view> best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1; // about one slip in three letters
  for (const auto c : candidates)
    if (const auto d = distance(lower(word), lower(c)); d < least) {
      least = d;
      best = c;
    }
  return best;
}

} // namespace chalkstream::pipelines

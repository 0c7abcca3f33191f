#include "pipelines/configuration/units.hpp"

#include <array>
#include <charconv>
#include <cmath>

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

std::string format_number(double value) {
  std::array<char, 32> text{};
  const auto [end, failed] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return {text.data(), end};
}

std::string yaml_text(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      all += {'\\', c};
    else if (byte < 0x20)
      all += {'\\', 'x', hex[byte >> 4U], hex[byte & 15U]};
    else
      all += c;
  }
  return all + '"';
}

} // namespace chalkstream::pipelines

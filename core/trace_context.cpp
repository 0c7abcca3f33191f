#include "core/trace_context.hpp"

#include <algorithm>

namespace chalkstream {

namespace {

// Lower case alone, as the standard has it.
std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<unsigned>(c - 'a' + 10);
  return {};
}

template <std::size_t N>
bool read(std::string_view text, std::array<std::uint8_t, N>& into) {
  for (std::size_t i = 0; i < N; ++i) {
    const auto high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (!high || !low)
      return false;
    into[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return true;
}

template <std::size_t N>
bool all_zero(const std::array<std::uint8_t, N>& id) {
  return std::all_of(id.begin(), id.end(), [](auto byte) { return byte == 0; });
}

constexpr std::size_t length = 55; // of version 00; later ones may go on behind another '-'
constexpr std::size_t trace_at = 3, span_at = 36, flags_at = 53;

} // namespace

std::optional<trace_context> read_traceparent(std::string_view text) {
  if (text.size() < length || text[2] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-')
    return {};
  std::array<std::uint8_t, 1> version{}, flags{};
  trace_context context;
  if (!read(text, version) || !read(text.substr(trace_at), context.trace) || !read(text.substr(span_at), context.span)
      || !read(text.substr(flags_at), flags))
    return {};
  const bool right_length = text.size() == length || (version[0] != 0 && text[length] == '-');
  if (version[0] == 0xff || !right_length || all_zero(context.trace) || all_zero(context.span))
    return {};
  context.flags = flags[0];
  return context;
}

std::string write_traceparent(const trace_context& context) {
  return "00-" + hex(context.trace) + "-" + hex(context.span) + "-" + hex(std::array{context.flags});
}

bool is_tracestate(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 512
         && std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c < '\x7f') || c == '\t'; });
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

} // namespace chalkstream

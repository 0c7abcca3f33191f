#include "core/commit_note.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace chalkstream {

namespace {

constexpr std::string_view version = "c1";

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

std::string_view take_until(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  auto head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

// A group's name may hold any byte, and it reaches us inside the window's name.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c > ' ' && c <= '~' && c != ';' && c != '%') {
      escaped += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped.append({'%', hex_digits[byte >> 4], hex_digits[byte & 15]});
    }
  }
  return escaped;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digits.find(text[i + 1]) : std::string_view::npos;
    const auto low = i + 2 < text.size() ? hex_digits.find(text[i + 2]) : std::string_view::npos;
    if (high == std::string_view::npos || low == std::string_view::npos)
      return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

bool decode_ranges(std::string_view text, std::int64_t from, std::vector<offset_range>& into) {
  while (!text.empty()) {
    auto pair = take_until(text, ',');
    const auto skip = number(take_until(pair, '+'));
    const auto length = number(pair);
    constexpr std::int64_t limit = std::int64_t{1} << 48;
    if (!skip || !length || *skip == 0 || *length == 0 || *skip > limit || *length > limit || from > limit)
      return false;
    into.push_back({from + *skip, from + *skip + *length});
    from = into.back().end;
  }
  return true;
}

} // namespace

std::string encode(const commit_note& note, std::int64_t committed) {
  std::string text{version};
  if (!note.window.empty())
    text.append(";w=").append(escape(note.window));
  if (note.level > 0)
    text.append(";l=").append(std::to_string(note.level));
  if (note.progressed)
    text.append(";p=1");
  if (note.suspect_until > 0)
    text.append(";s=").append(std::to_string(note.suspect_until));
  char separator = '=';
  auto from = committed;
  for (const auto& r : note.finished) {
    CHALK_PROMISE(r.begin > from && r.end > r.begin, "finished ranges that touch or overlap");
    text.append(separator == '=' ? ";d=" : ",");
    separator = ',';
    text.append(std::to_string(r.begin - from)).append("+").append(std::to_string(r.end - r.begin));
    from = r.end;
  }
  return text;
}

commit_note decode_commit_note(std::string_view text, std::int64_t committed) {
  if (take_until(text, ';') != version)
    return {};
  commit_note note;
  while (!text.empty()) {
    auto value = take_until(text, ';');
    const auto name = take_until(value, '=');
    if (name == "w") {
      auto window = unescape(value);
      if (!window)
        return {};
      note.window = std::move(*window);
    } else if (name == "p") {
      note.progressed = value == "1";
    } else if (name == "d") {
      if (!note.finished.empty() || !decode_ranges(value, committed, note.finished))
        return {};
    } else if (name == "l" || name == "s") {
      const auto n = number(value);
      if (!n)
        return {};
      if (name == "l")
        note.level =
            static_cast<std::uint32_t>(std::min<std::int64_t>(*n, std::numeric_limits<std::uint32_t>::max()));
      else
        note.suspect_until = *n;
    }
  }
  return note;
}

} // namespace chalkstream

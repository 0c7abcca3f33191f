#include "education/timestamp.hpp"

#include <algorithm>

namespace chalkstream::education {

namespace {

/// `count` decimal digits at `position`, or -1.
int digits(std::string_view text, std::size_t position, std::size_t count) noexcept {
  if (position + count > text.size())
    return -1;
  int value = 0;
  for (auto c : text.substr(position, count)) {
    if (c < '0' || c > '9')
      return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool is(std::string_view text, std::size_t position, char wanted) noexcept {
  return position < text.size() && text[position] == wanted;
}

void append_digits(std::string& out, long value, int count) {
  char buffer[8];
  for (int i = count - 1; i >= 0; --i, value /= 10)
    buffer[i] = static_cast<char>('0' + value % 10);
  out.append(buffer, static_cast<std::size_t>(count));
}

} // namespace

std::optional<wall_time> parse_timestamp(std::string_view text) noexcept {
  using namespace std::chrono;
  const int year_number = digits(text, 0, 4), month_number = digits(text, 5, 2), day_number = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  const bool separated = is(text, 4, '-') && is(text, 7, '-') && (is(text, 10, 'T') || is(text, 10, 't'))
                         && is(text, 13, ':') && is(text, 16, ':');
  if (!separated || year_number < 0 || month_number < 0 || day_number < 0)
    return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok())
    return std::nullopt;

  std::size_t position = 19;
  int fraction = 0;
  if (is(text, position, '.')) {
    const auto start = ++position;
    int weight = 100;
    for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position, weight /= 10)
      fraction += (text[position] - '0') * weight;
    if (position == start)
      return std::nullopt;
  }

  minutes offset{0};
  if (is(text, position, 'Z') || is(text, position, 'z')) {
    ++position;
  } else if (is(text, position, '+') || is(text, position, '-')) {
    const int offset_hours = digits(text, position + 1, 2), offset_minutes = digits(text, position + 4, 2);
    if (!is(text, position + 3, ':') || offset_hours < 0 || offset_hours > 23 || offset_minutes < 0
        || offset_minutes > 59)
      return std::nullopt;
    offset = minutes{offset_hours * 60 + offset_minutes} * (text[position] == '+' ? 1 : -1);
    position += 6;
  } else {
    return std::nullopt;
  }
  if (position != text.size())
    return std::nullopt;
  return wall_time{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} + milliseconds{fraction}
         - offset;
}

void append_timestamp(std::string& out, wall_time when) {
  using namespace std::chrono;
  constexpr wall_time first{sys_days{year{0} / 1 / 1}}, last{sys_days{year{9999} / 12 / 31}};
  when = std::clamp(when, first, last);
  const auto midnight = floor<days>(when);
  const year_month_day date{midnight};
  const auto rest = when - midnight;
  append_digits(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_digits(out, static_cast<long>(static_cast<unsigned>(date.month())), 2);
  out += '-';
  append_digits(out, static_cast<long>(static_cast<unsigned>(date.day())), 2);
  out += 'T';
  const auto clock_time = hh_mm_ss{rest};
  append_digits(out, clock_time.hours().count(), 2);
  out += ':';
  append_digits(out, clock_time.minutes().count(), 2);
  out += ':';
  append_digits(out, clock_time.seconds().count(), 2);
  out += '.';
  append_digits(out, clock_time.subseconds().count(), 3);
  out += 'Z';
}

std::string format_timestamp(wall_time when) {
  std::string out;
  append_timestamp(out, when);
  return out;
}

} // namespace chalkstream::education

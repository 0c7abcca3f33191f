#include "monitoring/openmetrics_page.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace chalkstream::monitoring {

namespace {

constexpr std::array<std::string_view, 5> units{"seconds", "bytes", "records", "tokens", "ratio"};

// {trace_id="…",span_id="…"}: names and values together, in characters.
static_assert(8 + 2 * sizeof(trace_id) + 7 + 2 * sizeof(span_id) <= 128, "an exemplar's labels are too long");

std::string_view without(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

// The family's name: a sample's, less what its type adds.
std::string_view name_of(const family& metric) {
  switch (metric.type) {
  case metric_type::counter:
    return without(metric.name, "_total");
  case metric_type::info:
    return without(metric.name, "_info");
  case metric_type::gauge:
  case metric_type::histogram:
    break;
  }
  return metric.name;
}

std::string_view word(metric_type type) {
  switch (type) {
  case metric_type::counter:
    return "counter";
  case metric_type::gauge:
    return "gauge";
  case metric_type::histogram:
    return "histogram";
  case metric_type::info:
    return "info";
  }
  return "unknown";
}

std::string_view unit_of(const family& metric) {
  const auto name = name_of(metric);
  for (const auto unit : units)
    if (name.ends_with(unit) && without(name, unit).ends_with('_'))
      return unit;
  return {};
}

void escape(std::string& to, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      to += "\\n";
      continue;
    }
    if (c == '"' || c == '\\')
      to += '\\';
    to += c;
  }
}

void write_labels(std::string& to, labels of, std::string_view bound = {}) {
  if (of.size() == 0 && bound.empty())
    return;
  char before = '{';
  const auto one = [&](std::string_view name, std::string_view value) {
    to += before;
    to.append(name).append("=\"");
    escape(to, value);
    to += '"';
    before = ',';
  };
  for (const auto& l : of)
    one(l.name, l.value);
  if (!bound.empty())
    one("le", bound);
  to += '}';
}

std::string shortest(double value, std::chars_format form) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, form).ptr;
  return {digits.data(), end};
}

// Whole numbers without a point, as counts are.
std::string number(double value) {
  constexpr double exact = 9007199254740992; // 2^53
  if (std::abs(value) < exact && value == std::trunc(value))
    return std::to_string(static_cast<std::int64_t>(value));
  return canonical(value);
}

std::string epoch_seconds(wall_time at) {
  const auto milliseconds = at.time_since_epoch().count();
  auto behind = std::to_string(1000 + milliseconds % 1000);
  behind[0] = '.';
  return std::to_string(milliseconds / 1000) + behind;
}

void write_exemplar(std::string& to, const exemplar& one) {
  to.append(" # {trace_id=\"").append(hex(one.of.trace)).append("\",span_id=\"").append(hex(one.of.span));
  to.append("\"} ").append(number(one.value)).append(" ").append(epoch_seconds(one.of.at));
}

} // namespace

std::string canonical(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "+Inf" : "-Inf";
  if (value == 0)
    return "0.0";
  // As Go's %g, which the standard names: an exponent below -4 and from 6 on.
  auto power = shortest(value, std::chars_format::scientific);
  const auto exponent = std::stoi(power.substr(power.find('e') + 1));
  if (exponent < -4 || exponent >= 6)
    return power;
  auto plain = shortest(value, std::chars_format::fixed);
  if (plain.find('.') == std::string::npos)
    plain += ".0";
  return plain;
}

std::string& openmetrics_page::lines_of(const family& metric) {
  const auto [at, fresh] = places_.try_emplace(metric.name, families_.size());
  if (!fresh)
    return families_[at->second];
  auto& lines = families_.emplace_back();
  const auto name = name_of(metric);
  lines.append("# TYPE ").append(name).append(" ").append(word(metric.type)).append("\n");
  if (const auto unit = unit_of(metric); !unit.empty())
    lines.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  lines.append("# HELP ").append(name).append(" ");
  escape(lines, metric.help);
  lines += '\n';
  return lines;
}

void openmetrics_page::add(const family& metric, labels of, double value) {
  auto& lines = lines_of(metric);
  lines += metric.name;
  write_labels(lines, of);
  lines.append(" ").append(number(value)).append("\n");
}

void openmetrics_page::add(const family& metric, labels of, const histogram& values, const exemplars* latest) {
  auto& lines = lines_of(metric);
  const auto bounds = values.bounds();
  // Before the counts: what has an exemplar is counted already.
  std::vector<std::optional<exemplar>> shown(bounds.size() + 1);
  for (std::size_t i = 0; latest != nullptr && i < shown.size(); ++i)
    shown[i] = latest->latest(i);
  const auto counts = values.counts();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += counts[i];
    lines.append(metric.name).append("_bucket");
    write_labels(lines, of, canonical(i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()));
    lines.append(" ").append(std::to_string(sum));
    if (shown[i])
      write_exemplar(lines, *shown[i]);
    lines += '\n';
  }
  if (!bounds.empty() && bounds.front() < 0)
    return;
  lines.append(metric.name).append("_count");
  write_labels(lines, of);
  lines.append(" ").append(std::to_string(sum)).append("\n").append(metric.name).append("_sum");
  write_labels(lines, of);
  lines.append(" ").append(number(values.sum())).append("\n");
}

std::string openmetrics_page::text() const {
  std::string all;
  for (const auto& lines : families_)
    all += lines;
  return all + "# EOF\n";
}

} // namespace chalkstream::monitoring

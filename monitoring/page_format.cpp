#include "monitoring/page_format.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace chalkstream::monitoring {

namespace {

/// One form, as a media range may name it.
struct offer {
  std::string_view type;
  std::string_view subtype;
  std::string_view version;
};
constexpr offer text_offer{"text", "plain", "0.0.4"};
constexpr offer openmetrics_offer{"application", "openmetrics-text", "1.0.0"};

/// How much a client wants it, in thousandths, and how closely it named it.
struct liking {
  int closeness = -1;
  int quality = 0;
};

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto from = text.find_first_not_of(blanks);
  return from == std::string_view::npos ? std::string_view{}
                                        : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

// Takes what stands before the next separator that is in no quotes, and the separator.
std::string_view next_part(std::string_view& left, char separator) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < left.size() && (quoted || left[i] != separator); ++i) {
    if (left[i] == '"')
      quoted = !quoted;
    else if (quoted && left[i] == '\\')
      ++i;
  }
  const auto part = left.substr(0, i);
  left.remove_prefix(std::min(left.size(), i + 1));
  return trimmed(part);
}

std::string_view unquoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"' ? value.substr(1, value.size() - 2) : value;
}

// "0.75" is 750; three decimals at most.
std::optional<int> quality_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.'))
    return {};
  int thousandths = text[0] == '1' ? 1000 : 0, worth = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9')
      return {};
    thousandths += (c - '0') * worth;
    worth /= 10;
  }
  return thousandths <= 1000 ? std::optional(thousandths) : std::nullopt;
}

// What one media range says of an offer; nothing if it speaks of something else. Parameters that no form of ours has
// say nothing: Prometheus 3 asks for ways of escaping.
std::optional<liking> said(std::string_view range, const offer& of) {
  auto name = next_part(range, ';');
  const auto type = next_part(name, '/'), subtype = trimmed(name);
  liking found{0, 1000};
  if (same(type, of.type) && same(subtype, of.subtype))
    found.closeness = 2;
  else if (same(type, of.type) && subtype == "*")
    found.closeness = 1;
  else if (type != "*" || subtype != "*")
    return {};
  while (!range.empty()) {
    auto parameter = next_part(range, ';');
    const auto key = next_part(parameter, '=');
    const auto value = unquoted(trimmed(parameter));
    if (same(key, "q")) {
      const auto quality = quality_of(value);
      if (!quality)
        return {};
      found.quality = *quality;
      break; // what follows is no part of the range
    }
    if (same(key, "version")) {
      if (value != of.version)
        return {};
      ++found.closeness;
    } else if (same(key, "charset") && !same(value, "utf-8")) {
      return {};
    }
  }
  return found;
}

liking wanted(std::string_view accept, const offer& of) {
  liking best;
  while (!accept.empty()) {
    const auto one = said(next_part(accept, ','), of);
    if (one && (one->closeness > best.closeness || (one->closeness == best.closeness && one->quality > best.quality)))
      best = *one;
  }
  return best;
}

} // namespace

std::string_view content_type(page_format format) noexcept {
  return format == page_format::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                            : "text/plain; version=0.0.4; charset=utf-8";
}

page_format negotiate(std::string_view accept) {
  const auto open = wanted(accept, openmetrics_offer), plain = wanted(accept, text_offer);
  const bool better = open.quality > plain.quality
                      || (open.quality == plain.quality && open.quality > 0 && open.closeness > plain.closeness);
  return better ? page_format::openmetrics : page_format::text;
}

} // namespace chalkstream::monitoring

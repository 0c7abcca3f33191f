#include "models/text/text_pattern.hpp"

#include <algorithm>
#include <array>

#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using characters = std::span<const normalized_text::character>;

enum class group : std::uint8_t { letter, number, space, other };

group slow_group_of(char32_t cp) {
  return unicode::is_letter(cp)       ? group::letter
         : unicode::is_number(cp)     ? group::number
         : unicode::is_whitespace(cp) ? group::space
                                      : group::other;
}

group group_of(char32_t cp) {
  static const auto table = [] {
    std::array<group, 0x100> made{};
    for (char32_t each = 0; each < made.size(); ++each)
      made[each] = slow_group_of(each);
    return made;
  }();
  return cp < table.size() ? table[cp] : slow_group_of(cp);
}

bool is_line_end(char32_t cp) {
  return cp == '\r' || cp == '\n';
}

/// Where the run of `wanted` that may begin at `at` ends.
std::size_t run_end(characters text, std::size_t at, group wanted) {
  while (at < text.size() && group_of(text[at].cp) == wanted)
    ++at;
  return at;
}

char32_t folded(char32_t cp) {
  return cp == U'\u017F' ? U's' : cp >= 'A' && cp <= 'Z' ? cp + 32 : cp; // long s
}

/// The length of 's, 't, 're, 've, 'm, 'll or 'd at `at`, or 0.
std::size_t contraction(characters text, std::size_t at, bool any_case) {
  if (text[at].cp != '\'' || at + 1 == text.size())
    return 0;
  const auto letter = [&](std::size_t k) { return any_case ? folded(text[at + k].cp) : text[at + k].cp; };
  const char32_t first = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd')
    return 2;
  if (at + 2 == text.size())
    return 0;
  const char32_t second = letter(2);
  return ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l') ? 3 : 0;
}

/// \s+(?!\S)|\s+: a run of whitespace leaves its last character to the word behind it.
std::size_t whitespace_end(characters text, std::size_t at) {
  const std::size_t end = run_end(text, at, group::space);
  return end == text.size() || end == at + 1 ? end : end - 1;
}

/// One match of GPT-2's expression, which matches everywhere:
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t gpt2_end(characters text, std::size_t at) {
  if (const std::size_t size = contraction(text, at, false))
    return at + size;
  const std::size_t word = at + (text[at].cp == ' ' && at + 1 < text.size() ? 1 : 0);
  const group kind = group_of(text[word].cp);
  return kind == group::space ? whitespace_end(text, at) : run_end(text, word, kind);
}

/// One match of Llama 3's, which matches everywhere:
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
/// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t llama3_end(characters text, std::size_t at, std::size_t digits) {
  if (const std::size_t size = contraction(text, at, true))
    return at + size;
  const group kind = group_of(text[at].cp);
  if (kind == group::letter)
    return run_end(text, at, kind);
  if (kind == group::number)
    return std::min(run_end(text.first(std::min(text.size(), at + digits)), at, kind), at + digits);
  const group next = at + 1 < text.size() ? group_of(text[at + 1].cp) : group::space;
  if (next == group::letter && !is_line_end(text[at].cp))
    return run_end(text, at + 1, next);
  if (kind == group::other || (text[at].cp == ' ' && next == group::other)) {
    std::size_t end = run_end(text, at + (kind == group::other ? 0 : 1), group::other);
    while (end < text.size() && is_line_end(text[end].cp))
      ++end;
    return end;
  }
  for (std::size_t end = run_end(text, at, group::space); end > at; --end)
    if (is_line_end(text[end - 1].cp))
      return end;
  return whitespace_end(text, at);
}

/// " {2,}"
void find_spaces(characters text, std::vector<text_span>& out) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    std::size_t end = begin;
    while (end < text.size() && text[end].cp == ' ')
      ++end;
    if (end - begin >= 2)
      out.push_back({begin, end});
    begin = std::max(begin, end);
  }
}

void find_string(const std::u32string& wanted, characters text, std::vector<text_span>& out) {
  const auto same = [](const normalized_text::character& each, char32_t cp) { return each.cp == cp; };
  for (auto at = text.begin();;) {
    at = std::search(at, text.end(), wanted.begin(), wanted.end(), same);
    if (at == text.end())
      return;
    const auto begin = static_cast<std::size_t>(at - text.begin());
    out.push_back({begin, begin + wanted.size()});
    at += static_cast<std::ptrdiff_t>(wanted.size());
  }
}

} // namespace

result<text_pattern> text_pattern::string(std::string_view pattern) {
  if (pattern.empty())
    return {errc::unsupported, "an empty pattern"};
  return text_pattern(decoded(pattern));
}

result<text_pattern> text_pattern::expression(std::string_view pattern) {
  if (pattern == R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)")
    return gpt2();
  if (pattern == " {2,}")
    return text_pattern(by_hand{rules::spaces, 0});
  const auto llama3 = [&](std::string_view number) {
    const std::string head = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)";
    const std::string tail = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
    return pattern == head + std::string(number) + tail;
  };
  if (llama3(R"(\p{N}{1,3})"))
    return text_pattern(by_hand{rules::llama3, 3});
  if (llama3(R"(\p{N})"))
    return text_pattern(by_hand{rules::llama3, 1});
  CHALK_TRY(regex made, regex::compile(pattern));
  return text_pattern(std::move(made));
}

bool text_pattern::find_all(characters text, std::vector<text_span>& out) const {
  out.clear();
  if (const auto* pattern = std::get_if<regex>(&kind_))
    return pattern->find_all(text, out);
  if (const auto* wanted = std::get_if<std::u32string>(&kind_)) {
    find_string(*wanted, text, out);
    return true;
  }
  const by_hand& its = std::get<by_hand>(kind_);
  if (its.which == rules::spaces) {
    find_spaces(text, out);
    return true;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = its.which == rules::gpt2 ? gpt2_end(text, begin) : llama3_end(text, begin, its.digits);
    out.push_back({begin, end});
    begin = end;
  }
  return true;
}

} // namespace chalkstream::text

#include "models/text/added_tokens.hpp"

#include <algorithm>
#include <cstring>

#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

/// Where the code point that ends at `end` begins.
std::size_t previous(std::string_view text, std::size_t end) {
  do
    --end;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
  return end;
}

char32_t code_point_at(std::string_view text, std::size_t at) {
  const char* from = text.data() + at;
  return decode_utf8(from);
}

bool is_inside_word(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin > 0 && unicode::is_word_character(code_point_at(text, previous(text, begin))))
         || (end < text.size() && unicode::is_word_character(code_point_at(text, end)));
}

/// The first byte at or behind `from` that some token begins with, or the end.
std::size_t next_candidate(std::string_view text, std::size_t from, const std::vector<bool>& first, int only_byte) {
  if (only_byte >= 0) {
    const void* at = from < text.size() ? std::memchr(text.data() + from, only_byte, text.size() - from) : nullptr;
    return at == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
  }
  while (from < text.size() && !first[static_cast<unsigned char>(text[from])])
    ++from;
  return from;
}

} // namespace

std::string normalized_form(const std::string& content, const normalizer& normalize) {
  normalized_text text;
  normalizer::scratch work;
  text.assign(content, 0);
  if (!normalize.apply(text, work))
    return {};
  std::string out;
  for (const normalized_text::character& each : text.characters) {
    char bytes[4];
    out.append(bytes, encode_utf8(each.cp, bytes));
  }
  return out;
}

result<added_tokens> added_tokens::build(std::vector<added_token> tokens, const normalizer& normalize) {
  added_tokens built;
  built.tokens_ = std::move(tokens);
  std::vector<std::string> forms; // own the keys while the tries are built
  forms.reserve(built.tokens_.size());
  std::vector<byte_trie::entry> raw, normalized;
  for (std::size_t k = 0; k < built.tokens_.size(); ++k) {
    const added_token& token = built.tokens_[k];
    forms.push_back(token.normalized ? normalized_form(token.content, normalize) : token.content);
    (token.normalized ? normalized : raw).push_back({forms.back(), static_cast<std::int32_t>(k)});
  }
  const auto first_bytes_of = [](const std::vector<byte_trie::entry>& entries) {
    first_bytes first(256);
    for (const byte_trie::entry& each : entries)
      if (!each.key.empty())
        first[static_cast<unsigned char>(each.key.front())] = true;
    return first;
  };
  built.raw_first_ = first_bytes_of(raw);
  built.normalized_first_ = first_bytes_of(normalized);
  for (auto [entries, trie] : {std::pair{&raw, &built.raw_}, std::pair{&normalized, &built.normalized_}}) {
    auto made = byte_trie::build(std::move(*entries));
    if (!made)
      return {made.error().code, "added_tokens: " + made.error().message};
    *trie = std::move(made).value();
  }
  return built;
}

void added_tokens::cut(std::string_view text, const byte_trie& trie, const first_bytes& first,
                       std::vector<stretch>& out) const {
  out.clear();
  const auto firsts = std::count(first.begin(), first.end(), true);
  const int only_byte =
      firsts == 1 ? static_cast<int>(std::find(first.begin(), first.end(), true) - first.begin()) : -1;
  std::size_t done = 0;                       // everything before is in `out`
  std::size_t space_begin = 0, space_end = 0; // whitespace already walked over, so that long runs cost once
  for (std::size_t at = firsts == 0 ? text.size() : 0;
       (at = next_candidate(text, at, first, only_byte)) < text.size();) {
    const auto match = trie.longest(byte_trie::root, text.substr(at));
    if (match.value < 0) {
      ++at;
      continue;
    }
    const added_token& token = tokens_[static_cast<std::size_t>(match.value)];
    std::size_t begin = at;
    std::size_t end = at + match.size;
    at = end;
    if ((token.single_word && is_inside_word(text, begin, end)) || (token.at_start && begin != done))
      continue;
    if (token.lstrip) {
      begin = std::max(begin, done);
      while (begin > done && unicode::is_whitespace(code_point_at(text, previous(text, begin))))
        begin = previous(text, begin);
    }
    if (token.rstrip) {
      if (end < space_begin || end >= space_end)
        for (space_begin = space_end = end;
             space_end < text.size() && unicode::is_whitespace(code_point_at(text, space_end));)
          space_end += utf8_length(static_cast<unsigned char>(text[space_end]));
      end = space_end;
    }
    if (done < begin)
      out.push_back({done, begin, -1});
    if (begin < end)
      out.push_back({begin, end, token.id});
    done = end;
  }
  if (done < text.size())
    out.push_back({done, text.size(), -1});
}

} // namespace chalkstream::text

#include "models/text/piece_normalizer.hpp"

#include "models/text/utf8.hpp"

namespace chalkstream::text {

using character = normalized_text::character;

/// What a text begins with: so many characters stay, or become something else.
struct piece_normalizer::match {
  std::size_t size = 1;
  std::optional<std::string_view> becomes = std::nullopt;
};

piece_normalizer::piece_normalizer(const rules& of)
    : map_(of.map), dummy_(of.dummy), removes_(of.remove_extra_whitespaces),
      space_(of.escape_whitespaces ? piece_space : U' ') {}

result<piece_normalizer> piece_normalizer::build(const rules& of) {
  piece_normalizer made(of);
  std::vector<byte_trie::entry> entries;
  entries.reserve(of.kept.size());
  for (const std::string& piece : of.kept)
    entries.push_back({piece, 0});
  CHALK_TRY(made.kept_, byte_trie::build(std::move(entries)));
  return made;
}

piece_normalizer::match piece_normalizer::next(std::span<const character> text) const {
  std::size_t kept = 0;
  byte_trie::state at = byte_trie::root;
  for (std::size_t n = 0; n < text.size(); ++n) {
    char bytes[4];
    const std::size_t size = encode_utf8(text[n].cp, bytes);
    std::size_t walked = 0;
    while (walked < size && kept_.step(at, static_cast<unsigned char>(bytes[walked])))
      ++walked;
    if (walked < size)
      break;
    if (kept_.value(at) >= 0)
      kept = n + 1;
  }
  if (kept > 0)
    return {kept};
  if (map_)
    if (const auto found = map_->longest(text))
      return {found->characters, found->becomes};
  return {};
}

/// The text begins with what is a single space, `size` characters long.
bool piece_normalizer::is_space(std::span<const character> text, std::size_t& size) const {
  const match found = next(text);
  size = found.size;
  return found.becomes ? *found.becomes == " " : found.size == 1 && text.front().cp == U' ';
}

void piece_normalizer::apply(normalized_text& text, std::vector<character>& out) const {
  out.clear();
  std::span<const character> left(text.characters);
  if (left.empty())
    return;
  const std::uint32_t end = left.back().end;
  if (removes_)
    for (std::size_t size = 0; !left.empty() && is_space(left, size);)
      left = left.subspan(size);
  const auto consumed = [&] { return left.empty() ? end : left.front().begin; };
  const auto put = [&](char32_t cp) { out.push_back({cp == U' ' ? space_ : cp, consumed(), 0}); };
  const std::uint32_t begin = consumed();
  const bool any = !left.empty();
  if (any && (dummy_ == dummy_space::always || (dummy_ == dummy_space::first && text.characters.front().begin == 0)))
    put(U' ');

  bool behind_space = removes_;
  for (match found; !left.empty(); left = left.subspan(found.size)) {
    found = next(left);
    bool leads = behind_space; // only spaces so far, which go
    const auto take = [&](char32_t cp) {
      if (leads && cp == U' ')
        return;
      leads = false;
      put(cp);
      behind_space = removes_ && cp == U' ';
    };
    if (!found.becomes)
      for (const character& each : left.first(found.size))
        take(each.cp);
    else
      for (const char* at = found.becomes->data(); at < found.becomes->data() + found.becomes->size();)
        take(decode_utf8(at));
  }

  std::uint32_t last = any ? end : begin;
  for (; removes_ && !out.empty() && out.back().cp == space_; out.pop_back())
    last = out.back().begin;
  if (any && dummy_ == dummy_space::last)
    out.push_back({space_, last, last});
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k].end = k + 1 < out.size() ? out[k + 1].begin : last;
  text.characters.swap(out);
}

} // namespace chalkstream::text

#include "models/text/normalizer.hpp"

#include <algorithm>

#include "models/text/byte_alphabet.hpp"
#include "models/text/graphemes.hpp"
#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using character = normalized_text::character;
using change = normalizer::scratch::change;
using kind = normalizer_step::kind;

template <class Predicate>
void remove(normalized_text& text, Predicate unwanted) {
  std::erase_if(text.characters, [&](const character& each) { return unwanted(each.cp); });
}

/// Replaces each character by one or several that stand for the same code points.
template <class Expand>
void expand(normalized_text& text, normalizer::scratch& work, Expand each_into) {
  work.rewritten.clear();
  for (const character& each : text.characters)
    each_into(each, work.rewritten);
  text.characters.swap(work.rewritten);
}

void lowercase(normalized_text& text, normalizer::scratch& work) {
  expand(text, work, [](const character& each, std::vector<character>& out) {
    const unicode::expansion lower = unicode::lower(each.cp);
    for (std::size_t k = 0; k < lower.size; ++k)
      out.push_back({lower.points[k], each.begin, each.end});
  });
}

void space_chinese(normalized_text& text, normalizer::scratch& work) {
  expand(text, work, [](const character& each, std::vector<character>& out) {
    const bool chinese = unicode::is_chinese(each.cp);
    if (chinese)
      out.push_back({U' ', each.begin, each.end});
    out.push_back(each);
    if (chinese)
      out.push_back({U' ', each.begin, each.end});
  });
}

/// Full decomposition in canonical order, as changes to `text`.
void decompose(const normalized_text& text, unicode::decomposition how, std::vector<change>& out) {
  out.clear();
  std::size_t run = 0; // where the marks behind the last starter begin
  const auto order_run = [&] {
    std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(run), out.end(),
                     [](const change& a, const change& b) { return a.combining_class < b.combining_class; });
  };
  for (const character& each : text.characters) {
    const unicode::expansion parts = unicode::decompose(each.cp, how);
    for (std::size_t k = 0; k < parts.size; ++k) {
      const std::uint8_t combining_class = unicode::combining_class(parts.points[k]);
      if (combining_class == 0 && run != out.size())
        order_run();
      out.push_back({parts.points[k], k == 0 ? 0 : 1, combining_class});
      if (combining_class == 0)
        run = out.size();
    }
  }
  order_run();
}

/// Canonical composition of decomposed changes. The changes of the two halves of a composite add up to its own.
void compose(const std::vector<change>& decomposed, std::vector<change>& out) {
  out.clear();
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t starter = none; // in `out`
  int last_class = -1;        // of the mark kept behind the starter; -1: nothing is in between
  for (const change& each : decomposed) {
    if (starter != none && (last_class < 0 || last_class < each.combining_class)) {
      if (const char32_t composite = unicode::compose(out[starter].cp, each.cp)) {
        out[starter].cp = composite;
        out[starter].by += each.by - 1;
        continue;
      }
    }
    if (each.combining_class == 0) {
      starter = out.size();
      last_class = -1;
    } else if (starter != none) {
      last_class = each.combining_class;
    }
    out.push_back(each);
  }
}

bool is_dropped_by_nmt(char32_t cp) {
  return (cp >= 0x01 && cp <= 0x08) || cp == 0x0B || (cp >= 0x0E && cp <= 0x1F) || cp == 0x7F || cp == 0x8F
         || cp == 0x9F;
}

bool is_space_to_nmt(char32_t cp) {
  return cp == 0x09 || cp == 0x0A || cp == 0x0C || cp == 0x0D || cp == 0x1680 || (cp >= 0x200B && cp <= 0x200F)
         || cp == 0x2028 || cp == 0x2029 || cp == 0x2581 || cp == 0xFEFF || cp == 0xFFFD;
}

void strip(normalized_text& text, bool left, bool right) {
  auto& all = text.characters;
  const auto keeps = [](const character& each) { return !unicode::is_whitespace(each.cp); };
  if (right)
    all.erase(std::find_if(all.rbegin(), all.rend(), keeps).base(), all.end());
  if (left)
    all.erase(all.begin(), std::find_if(all.begin(), all.end(), keeps));
}

/// What replaces a match stands for the match's last character; for the one before it when the match is empty.
bool replace(const normalizer_step& step, normalized_text& text, normalizer::scratch& work) {
  if (text.characters.empty())
    return true;
  if (!step.pattern->find_all(text.characters, work.matches))
    return false;
  const auto at = [&](std::size_t k) { return text.characters.begin() + static_cast<std::ptrdiff_t>(k); };
  work.rewritten.clear();
  std::size_t done = 0;
  for (const text_span& match : work.matches) {
    work.rewritten.insert(work.rewritten.end(), at(done), at(match.begin));
    character from{0, text.origin, text.origin};
    if (match.end > 0)
      from = text.characters[match.end - 1];
    for (const char32_t cp : step.content)
      work.rewritten.push_back({cp, from.begin, from.end});
    done = match.end;
  }
  work.rewritten.insert(work.rewritten.end(), at(done), text.characters.end());
  text.characters.swap(work.rewritten);
  return true;
}

void prepend(const std::u32string& content, normalized_text& text) {
  if (text.characters.empty())
    return;
  const character first = text.characters.front();
  text.characters.insert(text.characters.begin(), content.size(), first);
  for (std::size_t k = 0; k < content.size(); ++k)
    text.characters[k].cp = content[k];
}

/// The characters of `changes`, each standing for what its change to `text` says.
void rewrite(normalized_text& text, const std::vector<change>& changes, std::vector<character>& rewritten) {
  rewritten.clear();
  std::size_t next = 0; // in the old text
  for (const change& each : changes) {
    character from{each.cp, text.origin, text.origin};
    if (each.by > 0) {
      if (next > 0)
        from = text.characters[next - 1];
    } else if (next < text.characters.size()) {
      from = text.characters[next];
      next = std::min(next + 1 + static_cast<std::size_t>(-each.by), text.characters.size());
    }
    rewritten.push_back({each.cp, from.begin, from.end});
  }
  text.characters.swap(rewritten);
}

void normalize(normalized_text& text, unicode::decomposition how, bool composed, normalizer::scratch& work) {
  decompose(text, how, work.changes);
  if (composed)
    compose(work.changes, work.composed);
  rewrite(text, composed ? work.composed : work.changes, work.rewritten);
}

void apply_bert(const normalizer_step& step, normalized_text& text, normalizer::scratch& work) {
  if (step.clean_text) {
    remove(text, unicode::is_cleaned);
    for (character& each : text.characters)
      if (unicode::is_whitespace(each.cp))
        each.cp = U' ';
  }
  if (step.handle_chinese_chars)
    space_chinese(text, work);
  if (step.strip_accents) {
    normalize(text, unicode::decomposition::canonical, false, work);
    remove(text, unicode::is_nonspacing_mark);
  }
  if (step.lowercase)
    lowercase(text, work);
}

/// What the charsmap makes of a text, as changes to it. The count of characters that vanish goes to the one before
/// them, whatever that one is; at the beginning of a text it is lost. So the reference has it.
void precompiled(const charsmap& map, normalized_text& text, normalizer::scratch& work) {
  work.changes.clear();
  bool modified = false;
  const auto take = [&](std::span<const character> part) {
    const auto becomes = map.find(part);
    if (!becomes)
      return false;
    modified = true;
    const char* at = becomes->data();
    std::size_t count = 0;
    for (; at < becomes->data() + becomes->size(); ++count) {
      const char32_t cp = decode_utf8(at);
      work.changes.push_back({cp, count < part.size() ? 0 : 1, 0});
    }
    if (count < part.size() && !work.changes.empty())
      work.changes.back().by -= static_cast<std::int32_t>(part.size() - count);
    return true;
  };
  const std::span<const character> all(text.characters);
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    end = grapheme_end(all, begin);
    const auto cluster = all.subspan(begin, end - begin);
    if (cluster.size() > 1 && charsmap::is_short(cluster) && take(cluster))
      continue;
    for (std::size_t k = 0; k < cluster.size(); ++k)
      if (!take(cluster.subspan(k, 1)))
        work.changes.push_back({cluster[k].cp, 0, 0});
  }
  if (modified)
    rewrite(text, work.changes, work.rewritten);
}

} // namespace

void normalized_text::assign(std::string_view text, std::uint32_t first) {
  characters.clear();
  characters.reserve(text.size());
  origin = first;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++first)
    characters.push_back({decode_utf8(at), first, first + 1});
}

bool normalizer::apply(normalized_text& text, scratch& work) const {
  for (const normalizer_step& step : steps_) {
    switch (step.what) {
    case kind::bert:
      apply_bert(step, text, work);
      break;
    case kind::lowercase:
      lowercase(text, work);
      break;
    case kind::strip_accents:
      remove(text, unicode::is_combining_mark);
      break;
    case kind::nfd:
      normalize(text, unicode::decomposition::canonical, false, work);
      break;
    case kind::nfkd:
      normalize(text, unicode::decomposition::compatible, false, work);
      break;
    case kind::nfc:
      normalize(text, unicode::decomposition::canonical, true, work);
      break;
    case kind::nfkc:
      normalize(text, unicode::decomposition::compatible, true, work);
      break;
    case kind::nmt:
      remove(text, is_dropped_by_nmt);
      for (character& each : text.characters)
        if (is_space_to_nmt(each.cp))
          each.cp = U' ';
      break;
    case kind::precompiled:
      precompiled(*step.map, text, work);
      break;
    case kind::replace:
      if (!replace(step, text, work))
        return false;
      break;
    case kind::prepend:
      prepend(step.content, text);
      break;
    case kind::strip:
      strip(text, step.strip_left, step.strip_right);
      break;
    case kind::byte_level:
      expand(text, work, spell_bytes);
      break;
    case kind::pieces:
      step.pieces->apply(text, work.rewritten);
      break;
    }
  }
  return true;
}

bool normalizer::is_local() const noexcept {
  return std::all_of(steps_.begin(), steps_.end(),
                     [](const normalizer_step& step) { return step.what <= kind::nmt; });
}

bool normalizer::composes() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(),
                     [](const normalizer_step& step) { return step.what == kind::nfc || step.what == kind::nfkc; });
}

bool normalizer::decomposes() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(), [](const normalizer_step& step) {
    return step.what == kind::bert ? step.strip_accents : step.what >= kind::nfd && step.what <= kind::nfkc;
  });
}

} // namespace chalkstream::text

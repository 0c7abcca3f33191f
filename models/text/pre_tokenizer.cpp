#include "models/text/pre_tokenizer.hpp"

#include <algorithm>

#include "models/text/byte_alphabet.hpp"
#include "models/text/match_split.hpp"
#include "models/text/unicode.hpp"

namespace chalkstream::text {

namespace {

using word = pre_tokenizer::word;
using kind = pre_tokenizer_step::kind;
using behavior = pre_tokenizer_step::behavior;
using prepend_scheme = pre_tokenizer_step::prepend_scheme;
using character = normalized_text::character;
using scratch = pre_tokenizer::scratch;

void keep(std::size_t begin, std::size_t end, std::vector<word>& out) {
  if (begin < end)
    out.push_back({begin, end});
}

/// Cuts at every character that `matches`; the character itself is dropped or a word of its own.
template <class Predicate>
void cut(const normalized_text& text, word whole, Predicate matches, bool drop, std::vector<word>& out) {
  std::size_t begin = whole.begin;
  for (std::size_t at = whole.begin; at < whole.end; ++at)
    if (matches(text.characters[at].cp)) {
      keep(begin, at, out);
      if (!drop)
        out.push_back({at, at + 1});
      begin = at + 1;
    }
  keep(begin, whole.end, out);
}

/// Cuts wherever `label` changes; runs labelled `dropped` are left out.
template <class Label>
void cut_runs(const normalized_text& text, word whole, Label label, int dropped, std::vector<word>& out) {
  for (std::size_t begin = whole.begin; begin < whole.end;) {
    const int here = label(text.characters[begin].cp);
    std::size_t end = begin + 1;
    while (end < whole.end && label(text.characters[end].cp) == here)
      ++end;
    if (here != dropped)
      out.push_back({begin, end});
    begin = end;
  }
}

/// Cuts at the characters that `matches`.
template <class Predicate>
void cut_characters(const normalized_text& text, word whole, Predicate matches, behavior how, scratch& work,
                    std::vector<word>& out) {
  switch (how) {
  case behavior::removed:
  case behavior::isolated:
    return cut(text, whole, matches, how == behavior::removed, out);
  case behavior::contiguous:
    return cut_runs(
        text, whole, [&](char32_t cp) { return matches(cp) ? 1 : 0; }, -1, out);
  case behavior::merged_with_previous:
  case behavior::merged_with_next:
    work.matches.clear();
    for (std::size_t at = whole.begin; at < whole.end; ++at)
      if (matches(text.characters[at].cp))
        work.matches.push_back({at - whole.begin, at - whole.begin + 1});
    return cut_at_matches(whole, work.matches, how, false, out);
  }
}

/// Characters without a script before the first that has one are in no word: so the reference has it.
void cut_scripts(const normalized_text& text, word whole, std::vector<word>& out) {
  std::size_t begin = whole.end;
  int last = unicode::any_script;
  for (std::size_t at = whole.begin; at < whole.end; ++at) {
    const int here = unicode::script(text.characters[at].cp);
    if (here == unicode::any_script || here == last)
      continue;
    keep(begin, at, out);
    begin = at;
    last = here;
  }
  keep(begin, whole.end, out);
}

std::span<const character> characters_of(const normalized_text& text, word whole) {
  return std::span(text.characters).subspan(whole.begin, whole.end - whole.begin);
}

bool cut_by_pattern(const pre_tokenizer_step& step, const normalized_text& text, word whole, scratch& work,
                    std::vector<word>& out) {
  if (!step.pattern->find_all(characters_of(text, whole), work.matches))
    return false;
  cut_at_matches(whole, work.matches, step.how, step.invert, out);
  return true;
}

/// True when the word gets a space before it; `space` is what it may begin with already.
bool is_prefixed(const pre_tokenizer_step& step, const character& first, char32_t space) {
  return first.cp != space && step.prepend != prepend_scheme::never
         && (step.prepend == prepend_scheme::always || first.begin == 0);
}

/// Cuts by the pattern, spells every byte, appends characters and words.
bool cut_into_bytes(const pre_tokenizer_step& step, std::span<const character> whole, scratch& work) {
  if (is_prefixed(step, whole.front(), U' ')) {
    work.spaced.assign(1, {U' ', whole.front().begin, whole.front().end});
    work.spaced.insert(work.spaced.end(), whole.begin(), whole.end());
    whole = work.spaced;
  }
  work.matches.assign(1, {0, whole.size()});
  if (step.pattern && !step.pattern->find_all(whole, work.matches))
    return false;
  for (const text_span& match : work.matches) {
    const std::size_t begin = work.characters.size();
    for (const character& each : whole.subspan(match.begin, match.end - match.begin))
      spell_bytes(each, work.characters);
    keep(begin, work.characters.size(), work.words);
  }
  return true;
}

void mark_spaces(const pre_tokenizer_step& step, std::span<const character> whole, scratch& work) {
  std::size_t begin = work.characters.size();
  const character& first = whole.front();
  if (first.cp != U' ' && is_prefixed(step, first, step.character))
    work.characters.push_back({step.character, first.begin, first.end});
  for (const character& each : whole) {
    const char32_t cp = each.cp == U' ' ? step.character : each.cp;
    if (step.cut_at_character && cp == step.character) {
      keep(begin, work.characters.size(), work.words);
      begin = work.characters.size();
    }
    work.characters.push_back({cp, each.begin, each.end});
  }
  keep(begin, work.characters.size(), work.words);
}

int whitespace_label(char32_t cp) {
  return unicode::is_word_character(cp) ? 0 : unicode::is_whitespace(cp) ? 1 : 2;
}

bool step_rewrites(const pre_tokenizer_step& step) {
  return step.what == kind::byte_level || step.what == kind::metaspace;
}

bool rewrite(const pre_tokenizer_step& step, normalized_text& text, std::vector<word>& words, scratch& work) {
  work.characters.clear();
  work.words.clear();
  for (const word& each : words) {
    const auto whole = characters_of(text, each);
    if (step.what == kind::metaspace)
      mark_spaces(step, whole, work);
    else if (!cut_into_bytes(step, whole, work))
      return false;
  }
  text.characters.swap(work.characters);
  words.swap(work.words);
  return true;
}

bool apply_step(const pre_tokenizer_step& step, const normalized_text& text, word whole, scratch& work,
                std::vector<word>& out) {
  const auto splits = [](char32_t cp) { return unicode::is_whitespace(cp); };
  switch (step.what) {
  case kind::bert: {
    // Two passes in the reference; whitespace is never punctuation, so one gives the same.
    std::size_t begin = whole.begin;
    for (std::size_t at = whole.begin; at < whole.end; ++at) {
      const char32_t cp = text.characters[at].cp;
      const bool punctuation = unicode::is_punctuation(cp);
      if (!punctuation && !unicode::is_whitespace(cp))
        continue;
      keep(begin, at, out);
      if (punctuation)
        out.push_back({at, at + 1});
      begin = at + 1;
    }
    keep(begin, whole.end, out);
    break;
  }
  case kind::whitespace_split:
    cut(text, whole, splits, true, out);
    break;
  case kind::whitespace:
    cut_runs(text, whole, whitespace_label, 1, out);
    break;
  case kind::punctuation:
    cut_characters(text, whole, unicode::is_punctuation, step.how, work, out);
    break;
  case kind::digits:
    cut_characters(text, whole, unicode::is_numeric, step.how, work, out);
    break;
  case kind::delimiter:
    cut(
        text, whole, [&](char32_t cp) { return cp == step.character; }, true, out);
    break;
  case kind::scripts:
    cut_scripts(text, whole, out);
    break;
  case kind::fixed_length:
    for (std::size_t at = whole.begin; at < whole.end; at += step.length)
      out.push_back({at, std::min(at + step.length, whole.end)});
    break;
  case kind::words:
    cut(
        text, whole, [](char32_t cp) { return !unicode::is_word_character(cp); }, true, out);
    break;
  case kind::split:
    return cut_by_pattern(step, text, whole, work, out);
  case kind::byte_level:
  case kind::metaspace:
    break; // by rewrite()
  }
  return true;
}

} // namespace

bool pre_tokenizer::apply(normalized_text& text, std::vector<word>& words, scratch& work) const {
  for (const pre_tokenizer_step& step : steps_) {
    if (step_rewrites(step)) {
      if (!rewrite(step, text, words, work))
        return false;
      continue;
    }
    work.words.clear();
    for (const word& each : words)
      if (!apply_step(step, text, each, work, work.words))
        return false;
    words.swap(work.words);
  }
  return true;
}

bool pre_tokenizer::rewrites() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(), step_rewrites);
}

bool pre_tokenizer::is_local() const noexcept {
  return std::all_of(steps_.begin(), steps_.end(), [](const pre_tokenizer_step& step) {
    const bool merges = step.how == behavior::merged_with_previous || step.how == behavior::merged_with_next;
    return step.what <= kind::punctuation && !merges;
  });
}

bool pre_tokenizer::drops_whitespace() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(),
                     [](const pre_tokenizer_step& step) { return step.what < kind::punctuation; });
}

pre_tokenizer::role pre_tokenizer::of(char32_t cp) const noexcept {
  role its{false, false, 0};
  for (const pre_tokenizer_step& step : steps_) {
    const bool punctuation = step.what != kind::whitespace_split && unicode::is_punctuation(cp);
    its.dropped |= step.what != kind::punctuation && unicode::is_whitespace(cp);
    its.dropped |= step.what == kind::punctuation && step.how == behavior::removed && punctuation;
    its.isolated |= step.what == kind::bert && punctuation;
    its.isolated |= step.what == kind::punctuation && step.how == behavior::isolated && punctuation;
    if (step.what == kind::whitespace && !unicode::is_word_character(cp))
      its.run |= 1;
    if (step.what == kind::punctuation && step.how == behavior::contiguous && punctuation)
      its.run |= 2;
  }
  return its;
}

} // namespace chalkstream::text

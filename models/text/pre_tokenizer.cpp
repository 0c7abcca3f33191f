#include "models/text/pre_tokenizer.hpp"

#include <algorithm>

#include "models/text/unicode.hpp"

namespace chalkstream::text {

namespace {

using word = pre_tokenizer::word;
using kind = pre_tokenizer_step::kind;
using behavior = pre_tokenizer_step::behavior;

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

/// A punctuation character goes with what stands before it (with_next: behind it) unless that is punctuation too.
void merge(const normalized_text& text, word whole, bool with_next, std::vector<word>& out) {
  const auto is_punctuation = [&](std::size_t at) { return unicode::is_punctuation(text.characters[at].cp); };
  std::size_t begin = whole.begin;
  for (std::size_t at = whole.begin + 1; at < whole.end; ++at) {
    const bool before = is_punctuation(at - 1);
    const bool behind = is_punctuation(at);
    const bool together = before == behind ? !before : with_next ? before : behind;
    if (!together) {
      out.push_back({begin, at});
      begin = at;
    }
  }
  keep(begin, whole.end, out);
}

void cut_punctuation(const normalized_text& text, word whole, behavior how, std::vector<word>& out) {
  switch (how) {
  case behavior::removed:
  case behavior::isolated:
    return cut(text, whole, unicode::is_punctuation, how == behavior::removed, out);
  case behavior::contiguous:
    return cut_runs(
        text, whole, [](char32_t cp) { return unicode::is_punctuation(cp) ? 1 : 0; }, -1, out);
  case behavior::merged_with_previous:
  case behavior::merged_with_next:
    return merge(text, whole, how == behavior::merged_with_next, out);
  }
}

int whitespace_label(char32_t cp) {
  return unicode::is_word_character(cp) ? 0 : unicode::is_whitespace(cp) ? 1 : 2;
}

void apply_step(const pre_tokenizer_step& step, const normalized_text& text, word whole, std::vector<word>& out) {
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
    return keep(begin, whole.end, out);
  }
  case kind::whitespace_split:
    return cut(text, whole, splits, true, out);
  case kind::whitespace:
    return cut_runs(text, whole, whitespace_label, 1, out);
  case kind::punctuation:
    return cut_punctuation(text, whole, step.how, out);
  }
}

} // namespace

void pre_tokenizer::apply(const normalized_text& text, std::vector<word>& words, std::vector<word>& work) const {
  for (const pre_tokenizer_step& step : steps_) {
    work.clear();
    for (const word& each : words)
      apply_step(step, text, each, work);
    words.swap(work);
  }
}

bool pre_tokenizer::is_local() const noexcept {
  return std::none_of(steps_.begin(), steps_.end(), [](const pre_tokenizer_step& step) {
    return step.what == kind::punctuation
           && (step.how == behavior::merged_with_previous || step.how == behavior::merged_with_next);
  });
}

bool pre_tokenizer::drops_whitespace() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(),
                     [](const pre_tokenizer_step& step) { return step.what != kind::punctuation; });
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

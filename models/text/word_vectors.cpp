#include "models/text/word_vectors.hpp"

#include <algorithm>
#include <cmath>

#include "models/text/float_rows.hpp"
#include "models/text/unicode.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

bool has_whitespace(std::string_view word) {
  return std::any_of(word.begin(), word.end(),
                     [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
}

} // namespace

result<word_vectors> word_vectors::make(std::vector<std::string> words, std::size_t width,
                                        std::vector<float> values) {
  if (width == 0 || words.empty() || values.size() != words.size() * width)
    return {errc::corrupt, std::to_string(words.size()) + " words with " + std::to_string(width)
                               + " numbers each do not "
                                 "make "
                               + std::to_string(values.size())};
  word_vectors made;
  made.width_ = width;
  made.words_ = std::move(words);
  made.values_ = std::move(values);
  for (std::size_t k = 0; k < made.words_.size(); ++k) {
    const std::string& word = made.words_[k];
    if (word.empty() || has_whitespace(word) || !is_valid_utf8(word))
      return {errc::corrupt, "word " + std::to_string(k) + " is empty, has white space or is not valid UTF-8"};
    if (!made.numbers_.emplace(word, static_cast<std::int32_t>(k)).second)
      return {errc::corrupt, "word " + std::to_string(k) + " is there twice: " + word};
    const float length = std::sqrt(dot(made.vector(k).data(), made.vector(k).data(), width));
    if (!std::isfinite(length))
      return {errc::corrupt, "the vector of word " + std::to_string(k) + " is not finite"};
    made.lengths_.push_back(length);
  }
  return made;
}

std::int32_t word_vectors::find(std::string_view word) const {
  const auto at = numbers_.find(word);
  return at == numbers_.end() ? -1 : at->second;
}

void word_vectors::mean(std::span<const std::int32_t> of, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
  std::size_t count = 0;
  for (const std::int32_t word : of) {
    if (word < 0 || static_cast<std::size_t>(word) >= size())
      continue;
    const auto its = vector(static_cast<std::size_t>(word));
    add(out.data(), its.data(), 1, width_);
    ++count;
  }
  if (count != 0)
    for (float& each : out)
      each /= static_cast<float>(count);
}

std::vector<word_vectors::neighbour> word_vectors::nearest(std::span<const std::int32_t> to,
                                                           std::size_t count) const {
  std::vector<float> wanted(width_);
  std::vector<bool> excluded(size());
  for (const std::int32_t word : to) {
    if (word < 0 || static_cast<std::size_t>(word) >= size())
      continue;
    const auto at = static_cast<std::size_t>(word);
    excluded[at] = true;
    if (lengths_[at] > 0)
      add(wanted.data(), vector(at).data(), 1 / lengths_[at], width_);
  }
  const float length = std::sqrt(dot(wanted.data(), wanted.data(), width_));
  std::vector<neighbour> all;
  if (!(length > 0))
    return all;
  for (std::size_t word = 0; word < size(); ++word)
    if (!excluded[word] && lengths_[word] > 0)
      all.push_back({static_cast<std::int32_t>(word),
                     dot(wanted.data(), vector(word).data(), width_) / (length * lengths_[word])});
  const auto comes_first = [](const neighbour& a, const neighbour& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.word < b.word;
  };
  const std::size_t kept = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), comes_first);
  all.resize(kept);
  return all;
}

std::vector<std::string> words_of(std::string_view text, bool lowercase) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char* at = text.data(); at < text.data() + text.size();) {
    const char32_t cp = decode_utf8(at);
    const unicode::expansion form = lowercase ? unicode::lower(cp) : unicode::expansion{{cp}, 1};
    for (std::size_t k = 0; k < form.size; ++k) {
      const bool part = unicode::is_word_character(form.points[k]);
      if (part && !inside)
        words.emplace_back();
      inside = part;
      char bytes[4];
      if (part)
        words.back().append(bytes, encode_utf8(form.points[k], bytes));
    }
  }
  return words;
}

} // namespace chalkstream::text

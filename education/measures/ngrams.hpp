// Sequences of n tokens and how often each occurs: what BLEU, chrF and ROUGE-N count. A token is a number: a code
// point, or a word's place in a vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chalkstream::education::measures {

using token = std::uint32_t;

/// Gives equal words equal numbers, in the order of their first appearance.
class vocabulary {
public:
  token number(std::string_view word);

  /// Of every word in turn; any range of strings or views.
  template <class Words>
  std::vector<token> numbers(const Words& words) {
    std::vector<token> all;
    all.reserve(std::size(words));
    for (const auto& word : words)
      all.push_back(number(word));
    return all;
  }

private:
  std::unordered_map<std::string, token> numbers_;
};

/// The distinct n-grams of a text in ascending order. Points into the tokens it was made of.
class ngram_counts {
public:
  struct entry {
    std::span<const token> tokens;
    std::size_t count = 0;
  };

  ngram_counts() = default;

  /// `n` of 1 or more. None where there are fewer than `n` tokens. O(L log L) for L tokens.
  ngram_counts(std::span<const token> tokens, std::size_t n);

  const std::vector<entry>& entries() const noexcept { return entries_; }

  /// With repetitions.
  std::size_t total() const noexcept;

  /// The clipped matches: the sum of the smaller count over the n-grams both have.
  std::size_t matches(const ngram_counts& other) const;

  /// The larger count of every n-gram that either has: how several references count as one.
  ngram_counts merged(const ngram_counts& other) const;

private:
  std::vector<entry> entries_;
};

} // namespace chalkstream::education::measures

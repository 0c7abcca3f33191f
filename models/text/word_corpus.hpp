// Texts as numbers of words, as training wants them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::text {

struct word_corpus {
  std::vector<std::string> words;               // by number, the most frequent first; of equals, bytewise
  std::vector<std::uint64_t> counts;            // by number
  std::vector<std::vector<std::int32_t>> texts; // without the rarer words
  std::uint64_t total = 0;                      // words in all texts

  /// Words that are there fewer than `min_count` times are left out.
  static word_corpus of(std::span<const std::vector<std::string>> texts, std::size_t min_count);
};

} // namespace chalkstream::text

#include "models/text/word_corpus.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace chalkstream::text {

word_corpus word_corpus::of(std::span<const std::vector<std::string>> texts, std::size_t min_count) {
  std::unordered_map<std::string_view, std::uint64_t> counts;
  for (const auto& text : texts)
    for (const std::string& word : text)
      ++counts[word];
  std::vector<std::pair<std::string_view, std::uint64_t>> kept;
  for (const auto& [word, count] : counts)
    if (count >= min_count)
      kept.emplace_back(word, count);
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  word_corpus made;
  std::unordered_map<std::string_view, std::int32_t> numbers;
  for (const auto& [word, its] : kept) {
    numbers.emplace(word, static_cast<std::int32_t>(made.words.size()));
    made.words.emplace_back(word);
    made.counts.push_back(its);
    made.total += its;
  }
  for (const auto& text : texts) {
    auto& out = made.texts.emplace_back();
    for (const std::string& word : text)
      if (const auto at = numbers.find(word); at != numbers.end())
        out.push_back(at->second);
  }
  return made;
}

} // namespace chalkstream::text

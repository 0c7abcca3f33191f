#include "education/measures/ngrams.hpp"

#include <algorithm>

namespace chalkstream::education::measures {

namespace {

bool before(std::span<const token> left, std::span<const token> right) {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
}

bool same(std::span<const token> left, std::span<const token> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

} // namespace

token vocabulary::number(std::string_view word) {
  return numbers_.try_emplace(std::string{word}, static_cast<token>(numbers_.size())).first->second;
}

ngram_counts::ngram_counts(std::span<const token> tokens, std::size_t n) {
  if (tokens.size() < n)
    return;
  std::vector<std::span<const token>> all(tokens.size() - n + 1);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = tokens.subspan(i, n);
  std::sort(all.begin(), all.end(), before);
  for (const auto& ngram : all) {
    if (entries_.empty() || !same(entries_.back().tokens, ngram))
      entries_.push_back({ngram, 0});
    ++entries_.back().count;
  }
}

std::size_t ngram_counts::total() const noexcept {
  std::size_t sum = 0;
  for (const auto& e : entries_)
    sum += e.count;
  return sum;
}

std::size_t ngram_counts::matches(const ngram_counts& other) const {
  std::size_t sum = 0;
  auto right = other.entries_.begin();
  for (const auto& left : entries_) {
    while (right != other.entries_.end() && before(right->tokens, left.tokens))
      ++right;
    if (right == other.entries_.end())
      break;
    if (same(left.tokens, right->tokens))
      sum += std::min(left.count, right->count);
  }
  return sum;
}

ngram_counts ngram_counts::merged(const ngram_counts& other) const {
  ngram_counts both;
  auto left = entries_.begin();
  auto right = other.entries_.begin();
  while (left != entries_.end() || right != other.entries_.end()) {
    if (right == other.entries_.end() || (left != entries_.end() && before(left->tokens, right->tokens))) {
      both.entries_.push_back(*left++);
    } else if (left == entries_.end() || before(right->tokens, left->tokens)) {
      both.entries_.push_back(*right++);
    } else {
      both.entries_.push_back({left->tokens, std::max(left->count, right->count)});
      ++left;
      ++right;
    }
  }
  return both;
}

} // namespace chalkstream::education::measures

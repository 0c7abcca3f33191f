#include "pipelines/configuration/spelling.hpp"

#include <algorithm>
#include <vector>

namespace chalkstream::pipelines {

namespace {

// Edits (insert, remove, replace, swap neighbours) that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::string lower(std::string_view text) {
  std::string all(text);
  for (auto& c : all)
    c = c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return all;
}

} // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > 64)
    return {};
  std::optional<std::string_view> best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1; // about one slip in three letters
  for (const auto c : candidates)
    if (const auto d = distance(lower(word), lower(c)); d < least) {
      least = d;
      best = c;
    }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto meant = nearest(word, candidates);
  return meant ? "; did you mean '" + std::string(*meant) + "'?" : std::string{};
}

} // namespace chalkstream::pipelines

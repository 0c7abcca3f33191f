#include "models/text/truncation.hpp"

#include <algorithm>

namespace chalkstream::text {

namespace {

kept_tokens truncate_longest(std::size_t first, std::size_t second, std::size_t limit) {
  const bool first_is_longer = first > second;
  const std::size_t shorter = std::min(first, second);
  kept_tokens kept{shorter, shorter > limit ? shorter : std::max(shorter, limit - shorter)};
  if (kept.first + kept.second > limit)
    kept = {limit / 2, limit / 2 + limit % 2};
  if (first_is_longer)
    std::swap(kept.first, kept.second);
  return {std::min(kept.first, first), std::min(kept.second, second)};
}

} // namespace

result<kept_tokens> truncate(std::size_t first, std::size_t second, bool is_pair, truncation cut, std::size_t limit) {
  if (limit == 0)
    return kept_tokens{0, 0};
  if (cut == truncation::none || first + second <= limit)
    return kept_tokens{first, second};
  const std::size_t excess = first + second - limit;
  if (cut == truncation::longest_first)
    return is_pair ? truncate_longest(first, second, limit) : kept_tokens{limit, 0};
  if (cut == truncation::only_second && !is_pair)
    return {errc::invalid_argument, "truncation only_second needs a second text"};
  kept_tokens kept{first, second};
  std::size_t& gives = cut == truncation::only_first ? kept.first : kept.second;
  if (gives <= excess)
    return {errc::invalid_argument, "the text to truncate is too short to make the pair fit"};
  gives -= excess;
  return kept;
}

std::vector<std::pair<std::size_t, std::size_t>> windows(std::size_t count, std::size_t room, std::size_t stride) {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t begin = 0; all.empty() || all.back().second < count; begin += room - stride)
    all.emplace_back(begin, std::min(begin + room, count));
  return all;
}

} // namespace chalkstream::text

#include "models/exported/rectangles.hpp"

#include <algorithm>
#include <numeric>

namespace chalkstream::models {
namespace {

constexpr std::size_t one_in = 8;

} // namespace

std::vector<rectangle> rectangles(std::span<const std::size_t> lengths, const rectangle_rules& rules) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });

  std::vector<rectangle> made;
  std::size_t held = 0; // tokens of the last one's members
  const auto fits = [&](const rectangle& last, std::size_t length) {
    const auto rows = last.members.size() + 1;
    if (rules.fixed_rows && rows > *rules.fixed_rows)
      return false;
    if (rules.fixed_tokens)
      return true;
    if (!rules.masked)
      return length == lengths[last.members.front()];
    const auto area = rows * last.tokens;
    return (area - held - length) * one_in <= area;
  };
  for (const auto i : order) {
    if (made.empty() || !fits(made.back(), lengths[i])) {
      const auto free = rules.masked ? std::max(lengths[i], rules.least_tokens) : lengths[i];
      made.push_back({0, rules.fixed_tokens.value_or(free), {}});
      held = 0;
    }
    made.back().members.push_back(i);
    held += lengths[i];
  }
  for (auto& each : made)
    each.rows = rules.fixed_rows.value_or(std::max(each.members.size(), rules.least_rows));
  return made;
}

} // namespace chalkstream::models

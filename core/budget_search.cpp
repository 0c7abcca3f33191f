#include "core/budget_search.hpp"

#include <algorithm>

namespace chalkstream {

budget_search::budget_search(const std::vector<std::size_t>& sizes, int repeats) : repeats_(repeats) {
  for (const auto s : sizes)
    points_.push_back({s});
}

std::optional<std::size_t> budget_search::next() const {
  if (step_ >= points_.size() * static_cast<std::size_t>(repeats_))
    return std::nullopt;
  return points_[step_ % points_.size()].tokens;
}

void budget_search::measured(duration took) {
  if (!next())
    return;
  auto& p = points_[step_ % points_.size()];
  const auto spent = std::max(in_seconds(took), 1e-9);
  p.fastest = std::max(p.fastest, static_cast<double>(p.tokens) / spent);
  ++step_;
}

std::optional<std::size_t> budget_search::best() const {
  if (points_.empty() || step_ < points_.size())
    return std::nullopt;
  double top = 0;
  for (const auto& p : points_)
    top = std::max(top, p.fastest);
  for (const auto& p : points_)
    if (p.fastest >= 0.95 * top)
      return p.tokens;
  return points_.back().tokens;
}

} // namespace chalkstream

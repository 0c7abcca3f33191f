#include "monitoring/instruments.hpp"

#include "core/check.hpp"

namespace chalkstream::monitoring {

histogram::histogram(std::span<const double> bounds) noexcept : bounds_(bounds) {
  CHALK_PROMISE(bounds.size() <= max_bounds, "a histogram has more bounds than it has room for");
}

void histogram::observe(std::span<const double> values) noexcept {
  std::array<std::uint64_t, max_bounds + 1> counts{};
  double sum = 0;
  for (const auto v : values) {
    if (!std::isfinite(v))
      continue;
    ++counts[bucket_of(v)];
    sum += v;
  }
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    if (counts[i] > 0)
      counts_[i].fetch_add(counts[i], std::memory_order_relaxed);
  sum_.fetch_add(sum, std::memory_order_relaxed);
}

std::vector<std::uint64_t> histogram::counts() const {
  std::vector<std::uint64_t> all;
  all.reserve(bounds_.size() + 1);
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    all.push_back(counts_[i].load(std::memory_order_relaxed));
  return all;
}

} // namespace chalkstream::monitoring

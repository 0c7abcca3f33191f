#include "models/training/length_order.hpp"

#include <algorithm>
#include <numeric>

namespace chalkstream::models::training {

length_order::length_order(const std::vector<std::size_t>& lengths) : texts_(lengths.size()), ranks_(lengths.size()) {
  std::iota(texts_.begin(), texts_.end(), std::size_t{0});
  std::stable_sort(texts_.begin(), texts_.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  for (std::size_t i = 0; i < texts_.size(); ++i)
    ranks_[texts_[i]] = static_cast<std::int64_t>(i);
  auto active = texts_.size();
  for (std::size_t step = 0; active > 0; ++step) {
    counts_.push_back(static_cast<std::int64_t>(active));
    first_rows_.push_back(rows_);
    rows_ += counts_.back();
    while (active > 0 && lengths[texts_[active - 1]] == step + 1)
      --active;
  }
}

} // namespace chalkstream::models::training

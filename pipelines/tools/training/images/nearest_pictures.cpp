#include "pipelines/tools/training/images/nearest_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace chalkstream::pipelines::tools {

namespace {

std::uint64_t squared_distance(const picture& a, const picture& b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const int difference = int{a.values[i]} - int{b.values[i]};
    sum += static_cast<std::uint64_t>(difference * difference);
  }
  return sum;
}

} // namespace

likeness likeness_of(const picture_set& real, std::span<const picture> drawn, std::span<const std::size_t> labels,
                     const std::function<void(double)>& done) {
  constexpr auto farthest = std::numeric_limits<std::uint64_t>::max();
  std::size_t right = 0;
  double distances = 0;
  for (std::size_t i = 0; i < real.size(); ++i) {
    auto nearest = farthest;
    auto nearest_of_label = farthest;
    std::size_t label = 0;
    for (std::size_t j = 0; j < drawn.size(); ++j) {
      const auto distance = squared_distance(real.pictures[i], drawn[j]);
      if (distance < nearest) {
        nearest = distance;
        label = labels[j];
      }
      if (labels[j] == real.goals[i])
        nearest_of_label = std::min(nearest_of_label, distance);
    }
    right += label == real.goals[i] ? 1 : 0;
    const auto values = static_cast<double>(real.pictures[i].values.size());
    distances += std::sqrt(static_cast<double>(nearest_of_label) / values) / 255;
    if (i % 64 == 63)
      done(static_cast<double>(i + 1) / static_cast<double>(real.size()));
  }
  const auto count = static_cast<double>(real.size());
  return {static_cast<double>(right) / count, distances / count};
}

} // namespace chalkstream::pipelines::tools

#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chalkstream::education::measures {

std::uint32_t row_generator::below(std::uint32_t bound) noexcept {
  state_ += 0x9E3779B97F4A7C15;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return static_cast<std::uint32_t>((z ^ (z >> 31)) % bound);
}

double percentile(std::vector<double> values, double share) {
  if (values.empty())
    return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const auto place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

std::vector<interval> bootstrap_intervals(row_list rows, const bootstrap_settings& settings,
                                          const std::function<std::vector<double>(row_list)>& figures) {
  constexpr auto none = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::vector<double>> seen;
  row_generator random{settings.seed};
  std::vector<std::uint32_t> drawn(rows.size());
  for (std::size_t i = 0; i < settings.resamples && !rows.empty(); ++i) {
    for (auto& row : drawn)
      row = rows[random.below(static_cast<std::uint32_t>(rows.size()))];
    const auto values = figures(drawn);
    seen.resize(values.size());
    for (std::size_t f = 0; f < values.size(); ++f)
      if (!std::isnan(values[f]))
        seen[f].push_back(values[f]);
  }
  std::vector<interval> all;
  const auto outside = (1 - settings.level) / 2;
  for (auto& values : seen)
    if (2 * values.size() > settings.resamples)
      all.push_back({percentile(values, outside), percentile(values, 1 - outside)});
    else
      all.push_back({none, none});
  return all;
}

} // namespace chalkstream::education::measures

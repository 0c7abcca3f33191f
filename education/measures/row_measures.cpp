#include "education/measures/row_measures.hpp"

#include <limits>
#include <map>
#include <numeric>
#include <string_view>

namespace chalkstream::education::measures {

namespace {

group_figures figures_of(const row_measures& set, std::string_view name, row_list rows,
                         const bootstrap_settings& settings) {
  constexpr auto none = std::numeric_limits<double>::quiet_NaN();
  const auto values = set.of(rows);
  const auto ranges = bootstrap_intervals(rows, settings, [&](row_list drawn) { return set.of(drawn); });
  group_figures found{std::string{name}, rows.size(), {}};
  for (std::size_t f = 0; f < values.size(); ++f)
    found.figures.push_back({set.names()[f], values[f], ranges.empty() ? interval{none, none} : ranges[f]});
  return found;
}

} // namespace

measured measure(const row_measures& set, std::span<const std::string> groups, const bootstrap_settings& settings) {
  std::vector<std::uint32_t> all(set.rows());
  std::iota(all.begin(), all.end(), 0u);
  std::map<std::string_view, std::vector<std::uint32_t>> by_group;
  for (std::size_t row = 0; row < groups.size(); ++row)
    by_group[groups[row]].push_back(static_cast<std::uint32_t>(row));

  measured found;
  found.all = figures_of(set, "", all, settings);
  for (const auto& [name, rows] : by_group)
    found.groups.push_back(figures_of(set, name, rows, settings));
  return found;
}

} // namespace chalkstream::education::measures

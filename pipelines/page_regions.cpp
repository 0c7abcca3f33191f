#include "pipelines/page_regions.hpp"

#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines {

namespace {

constexpr std::size_t box_numbers = 4;

struct stretch {
  std::uint32_t from = 0;
  std::uint32_t length = 0;
};

/// Of a side of so many pixels, what lies within.
stretch pixels_of(double centre, double share, std::uint32_t side) {
  const auto at = [side](double place) {
    return static_cast<std::uint32_t>(std::lround(std::clamp(place, 0.0, 1.0) * side));
  };
  const auto from = std::min(at(centre - share / 2), side - 1);
  return {from, std::max(at(centre + share / 2), from + 1) - from};
}

bool add_regions(std::span<const float> row, std::span<const std::string> labels, double above,
                 education::searched_page& page) {
  const auto guess = labels.size() + 1 + box_numbers;
  if (row.size() % guess != 0 || page.width == 0 || page.height == 0)
    return false;
  for (; !row.empty(); row = row.subspan(guess)) {
    const auto probabilities = probabilities_of(row.first(labels.size() + 1));
    const auto box = row.subspan(labels.size() + 1, box_numbers);
    if (probabilities.empty() || !std::ranges::all_of(box, [](float x) { return std::isfinite(x); }))
      return false;
    const auto best = likeliest(std::span(probabilities).first(labels.size())); // the last is nothing
    if (!(probabilities[best] > above))
      continue;
    const auto along = pixels_of(box[0], box[2], page.width);
    const auto down = pixels_of(box[1], box[3], page.height);
    page.regions.push_back({labels[best], probabilities[best], {along.from, down.from, along.length, down.length}});
  }
  std::ranges::stable_sort(page.regions, std::ranges::greater{}, &education::found_region::confidence);
  return true;
}

} // namespace

std::optional<std::vector<education::searched_page>> find_regions(const pages_to_read& asked, const output_rows& rows,
                                                                  std::span<const std::string> labels, double above) {
  if (labels.empty() || rows.size() != asked.pages.size())
    return std::nullopt;
  std::vector<education::searched_page> pages;
  for (std::size_t i = 0; i < asked.pages.size(); ++i) {
    auto& page = pages.emplace_back();
    page.width = asked.pages[i].width;
    page.height = asked.pages[i].height;
    if (!add_regions(rows.row(i), labels, above, page))
      return std::nullopt;
  }
  return pages;
}

std::optional<double> least_sure(std::span<const education::searched_page> pages) {
  std::optional<double> least;
  for (const auto& page : pages)
    for (const auto& region : page.regions)
      least = std::min(least.value_or(1), region.confidence);
  return least;
}

} // namespace chalkstream::pipelines

#include "models/video/frame_features.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace chalkstream::video {
namespace {

/// Of a cell at most: means need no more, however large the frame.
constexpr std::size_t rows_of_cell = 16;
constexpr std::size_t bins = 16;

struct stretch {
  std::size_t from, to;
};

/// The i-th of `parts` equal parts of `length`, never empty.
stretch part_of(std::size_t length, std::size_t i, std::size_t parts) {
  const auto from = std::min(i * length / parts, length - 1);
  return {from, std::max(from + 1, (i + 1) * length / parts)};
}

std::uint32_t sum(const std::uint8_t* row, stretch s) {
  std::uint32_t total = 0;
  for (auto x = s.from; x < s.to; ++x)
    total += row[x];
  return total;
}

/// Squares of the differences of pixels two apart.
std::uint64_t gradients(const std::uint8_t* row, std::size_t width) {
  std::uint64_t total = 0;
  for (std::size_t from = 0; from + 2 < width; from += 4096) { // so that 32 bits hold a stretch's sum
    std::uint32_t part = 0;
    for (auto x = from; x < std::min(from + 4096, width - 2); ++x) {
      const int d = int{row[x + 2]} - int{row[x]};
      part += static_cast<std::uint32_t>(d * d);
    }
    total += part;
  }
  return total;
}

void average(const frame_planes::plane& plane, std::uint8_t* cells, double* sharpness) {
  std::uint64_t squares = 0, compared = 0;
  for (std::size_t r = 0; r < grid_rows; ++r) {
    const auto band = part_of(plane.height, r, grid_rows);
    const auto step = std::max<std::size_t>(1, (band.to - band.from) / rows_of_cell);
    std::array<std::uint32_t, grid_columns> sums{};
    std::uint32_t rows = 0;
    for (auto y = band.from; y < band.to; y += step, ++rows) {
      const auto* row = plane.values + static_cast<std::ptrdiff_t>(y) * plane.stride;
      for (std::size_t c = 0; c < grid_columns; ++c)
        sums[c] += sum(row, part_of(plane.width, c, grid_columns));
      if (sharpness) {
        squares += gradients(row, plane.width);
        compared += plane.width;
      }
    }
    for (std::size_t c = 0; c < grid_columns; ++c) {
      const auto wide = part_of(plane.width, c, grid_columns);
      cells[r * grid_columns + c] = static_cast<std::uint8_t>(sums[c] / (rows * (wide.to - wide.from)));
    }
  }
  if (sharpness)
    *sharpness = static_cast<double>(squares) / static_cast<double>(compared);
}

// Each value counts for the two bins whose middles it lies between, so that a little noise moves a little.
std::array<double, bins> histogram(const std::uint8_t* cells) {
  std::array<double, bins> counts{};
  for (std::size_t i = 0; i < grid_cells; ++i) {
    const double place = std::clamp(cells[i] / (256.0 / bins) - 0.5, 0.0, bins - 1.0);
    const auto low = std::min(static_cast<std::size_t>(place), bins - 2);
    counts[low] += 1 - (place - static_cast<double>(low));
    counts[low + 1] += place - static_cast<double>(low);
  }
  return counts;
}

double moved(const frame_features& a, const frame_features& b) {
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < grid_cells; ++i) {
    int most = 0;
    for (std::size_t channel = 0; channel < 3; ++channel)
      most = std::max(most, std::abs(a.grid[channel * grid_cells + i] - b.grid[channel * grid_cells + i]));
    total += static_cast<std::uint32_t>(most);
  }
  return total / (255.0 * grid_cells);
}

double recoloured(const frame_features& a, const frame_features& b) {
  double most = 0; // a grey clip has no chroma that could differ
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto before = histogram(a.grid.data() + channel * grid_cells);
    const auto after = histogram(b.grid.data() + channel * grid_cells);
    double apart = 0;
    for (std::size_t i = 0; i < bins; ++i)
      apart += std::abs(before[i] - after[i]);
    most = std::max(most, apart / (2.0 * grid_cells));
  }
  return most;
}

} // namespace

frame_features features_of(const frame_planes& frame) {
  frame_features made;
  made.grid.fill(128);
  for (std::size_t channel = 0; channel < 3; ++channel)
    if (frame.planes[channel].values != nullptr)
      average(frame.planes[channel], made.grid.data() + channel * grid_cells,
              channel == 0 ? &made.sharpness : nullptr);
  return made;
}

double difference(const frame_features& a, const frame_features& b) {
  return (moved(a, b) + recoloured(a, b)) / 2;
}

} // namespace chalkstream::video

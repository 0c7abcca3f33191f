#include "models/image/line_sums.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "models/image/line_passes.hpp"

namespace chalkstream::image {
namespace {

// Lines that are summed side by side: four of 3 channels, whose pixels have a byte to spare, or sixteen of 1.
std::size_t lines_together(std::size_t channels) {
  return channels == 1 ? side_by_side : side_by_side / 4;
}

void weave(const std::uint8_t* line, std::size_t width, std::size_t channels, std::uint8_t* out) {
  if (channels == 1) {
    for (std::size_t x = 0; x < width; ++x)
      out[x * side_by_side] = line[x];
    return;
  }
  for (std::size_t x = 0; x + 1 < width; ++x) // with a byte of the next pixel, which no result holds
    std::memcpy(out + x * side_by_side, line + x * 3, 4);
  std::memcpy(out + (width - 1) * side_by_side, line + (width - 1) * 3, 3);
}

void unweave(const std::uint8_t* woven, std::size_t width, std::size_t channels, std::uint8_t* line) {
  for (std::size_t x = 0; x < width; ++x)
    for (std::size_t c = 0; c < channels; ++c)
      line[x * channels + c] = woven[x * side_by_side + c];
}

} // namespace

void sum_along(const picture& from, std::size_t first, const filter_weights& weights, picture& to) {
  const auto& passes = best_passes();
  const auto together = lines_together(from.channels);
  const weight_lines lines{weights.firsts.data(), weights.counts.data(), weights.values.data(), weights.most};
  std::vector<std::uint8_t> woven(from.width * side_by_side);
  std::vector<std::uint8_t> made(to.width * side_by_side);
  for (std::size_t y = 0; y < to.height; y += together) {
    const auto real = std::min(together, to.height - y); // what is left of others changes no result
    for (std::size_t i = 0; i < real; ++i)
      weave(from.values.data() + (first + y + i) * from.width * from.channels, from.width, from.channels,
            woven.data() + i * (side_by_side / together));
    passes.along(woven.data(), lines, to.width, made.data());
    for (std::size_t i = 0; i < real; ++i)
      unweave(made.data() + i * (side_by_side / together), to.width, to.channels,
              to.values.data() + (y + i) * to.width * to.channels);
  }
}

void sum_across(const picture& from, std::size_t first, const filter_weights& weights, picture& to) {
  const auto& passes = best_passes();
  const auto length = from.width * from.channels;
  for (std::size_t y = 0; y < to.height; ++y)
    passes.across(from.values.data() + (weights.firsts[y] - first) * length, length, weights.of(y), weights.counts[y],
                  to.values.data() + y * length);
}

} // namespace chalkstream::image

#include "models/image/resample.hpp"

#include <algorithm>
#include <cstring>

#include "models/image/filter_weights.hpp"
#include "models/image/line_sums.hpp"

namespace chalkstream::image {
namespace {

picture blank(picture_size size, std::size_t channels) {
  picture made{size.width, size.height, channels, {}};
  made.values.resize(size.width * size.height * channels);
  return made;
}

picture nearest(const picture& from, picture_size to, const rectangle& part) {
  auto made = blank(part.size, from.channels);
  const auto columns = nearest_of(from.width, to.width, part.x, part.size.width);
  const auto rows = nearest_of(from.height, to.height, part.y, part.size.height);
  auto* out = made.values.data();
  for (const auto y : rows)
    for (const auto x : columns) {
      std::memcpy(out, from.values.data() + (y * from.width + x) * from.channels, from.channels);
      out += from.channels;
    }
  return made;
}

picture cut(const picture& from, const rectangle& part) {
  auto made = blank(part.size, from.channels);
  const auto length = part.size.width * from.channels;
  for (std::size_t y = 0; y < part.size.height; ++y)
    std::memcpy(made.values.data() + y * length,
                from.values.data() + ((part.y + y) * from.width + part.x) * from.channels, length);
  return made;
}

// When Pillow 13 does: earlier ones never did.
bool heights_first(picture_size from, picture_size to) {
  const auto lost = [](std::size_t before, std::size_t after) {
    return static_cast<double>(before) - static_cast<double>(after);
  };
  return to.height < from.height && lost(from.height, to.height) > 2 * lost(from.width, to.width);
}

picture summed_along(const picture& from, std::size_t first, picture_size to, const filter_weights& weights) {
  auto made = blank(to, from.channels);
  sum_along(from, first, weights, made);
  return made;
}

picture summed_across(const picture& from, std::size_t first, const filter_weights& weights) {
  auto made = blank({from.width, weights.firsts.size()}, from.channels);
  sum_across(from, first, weights, made);
  return made;
}

} // namespace

picture resample(const picture& from, picture_size to, filter by, const rectangle& part) {
  if (to == picture_size{from.width, from.height})
    return cut(from, part);
  if (by == filter::nearest)
    return nearest(from, to, part);
  // One direction after the other, each rounded to 8 bits; a direction that stays is not touched.
  const auto along = [&] { return weights_of(by, from.width, to.width, part.x, part.size.width); };
  if (to.height == from.height)
    return summed_along(from, part.y, part.size, along());
  const auto across = weights_of(by, from.height, to.height, part.y, part.size.height);
  const auto first = static_cast<std::size_t>(across.firsts.front());
  const picture_size needed{part.size.width, across.end() - first}; // what the lines of the result are made of
  if (to.width == from.width)
    return summed_across(cut(from, {part.x, first, needed}), first, across);
  if (!heights_first({from.width, from.height}, to))
    return summed_across(summed_along(from, first, needed, along()), first, across);
  return summed_along(summed_across(from, 0, across), 0, part.size, along());
}

picture resample(const picture& from, picture_size to, filter by) {
  return resample(from, to, by, {0, 0, to});
}

} // namespace chalkstream::image

#include "models/image/filter_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chalkstream::image {
namespace {

using curve = double (*)(double distance);

double sinc(double x) {
  return x == 0.0 ? 1.0 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi);
}

// Each is zero from its reach on. Operations are in Pillow's order: the weights must round alike.
double box(double x) {
  return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double hamming(double x) {
  x = std::fabs(x);
  if (x == 0.0)
    return 1.0;
  if (x >= 1.0)
    return 0.0;
  x *= std::numbers::pi;
  return std::sin(x) / x * (0.54f + 0.46f * std::cos(x));
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

double lanczos(double x) {
  return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

struct reaching_curve {
  curve at;
  double reach;
};

reaching_curve curve_of(filter by) {
  switch (by) {
  case filter::box:
    return {box, 0.5};
  case filter::hamming:
    return {hamming, 1.0};
  case filter::bicubic:
    return {bicubic, 2.0};
  case filter::lanczos:
    return {lanczos, 3.0};
  default:
    return {bilinear, 1.0};
  }
}

} // namespace

filter_weights weights_of(filter by, std::size_t from, std::size_t to, std::size_t first, std::size_t count) {
  const auto [at, reach] = curve_of(by);
  const double scale = static_cast<double>(static_cast<float>(from)) / static_cast<double>(to);
  const double stretch = std::max(scale, 1.0); // enlarging reads between pixels, never finer than they are
  const double support = reach * stretch;
  filter_weights made;
  made.most = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  made.firsts.resize(count);
  made.counts.resize(count);
  made.values.resize(count * made.most);
  std::vector<double> exact(made.most);
  for (std::size_t i = 0; i < count; ++i) {
    const double centre = (static_cast<double>(first + i) + 0.5) * scale;
    // NOLINTBEGIN(bugprone-incorrect-roundings): as Pillow rounds
    const auto begin = std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - support + 0.5));
    const auto end = std::min(static_cast<std::int64_t>(from), static_cast<std::int64_t>(centre + support + 0.5));
    // NOLINTEND(bugprone-incorrect-roundings)
    const auto taken = static_cast<std::size_t>(std::max<std::int64_t>(0, end - begin));
    double sum = 0;
    for (std::size_t k = 0; k < taken; ++k) {
      exact[k] = at((static_cast<double>(begin + static_cast<std::int64_t>(k)) - centre + 0.5) * (1.0 / stretch));
      sum += exact[k];
    }
    for (std::size_t k = 0; k < taken; ++k) {
      const double weight = (sum != 0.0 ? exact[k] / sum : exact[k]) * (1 << filter_weights::fraction_bits);
      made.values[i * made.most + k] = static_cast<std::int32_t>(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    made.firsts[i] = static_cast<std::uint32_t>(begin);
    made.counts[i] = static_cast<std::uint32_t>(taken);
  }
  return made;
}

std::vector<std::uint32_t> nearest_of(std::size_t from, std::size_t to, std::size_t first, std::size_t count) {
  const double scale = static_cast<double>(static_cast<float>(from)) / static_cast<double>(to);
  std::vector<std::uint32_t> taken(count);
  double at = scale * 0.5; // summed up, as Pillow does it, and not multiplied out
  for (std::size_t i = 0; i < first + count; ++i, at += scale)
    if (i >= first)
      taken[i - first] = static_cast<std::uint32_t>(std::min(static_cast<std::size_t>(at), from - 1));
  return taken;
}

} // namespace chalkstream::image

#include "tests/video/scenes.hpp"

#include "tests/support/seeds.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace chalkstream::test {
namespace {

void fill(picture& on, std::size_t left, std::size_t top, std::size_t width, std::size_t height,
          std::array<std::uint8_t, 3> colour) {
  for (auto y = top; y < std::min(top + height, on.height); ++y)
    for (auto x = left; x < std::min(left + width, on.width); ++x)
      std::copy(colour.begin(), colour.end(),
                on.values.begin() + static_cast<std::ptrdiff_t>((y * on.width + x) * 3));
}

} // namespace

picture plain(std::uint8_t grey) {
  return {scene_width, scene_height, 3, std::vector<std::uint8_t>(scene_width * scene_height * 3, grey)};
}

picture slide(std::uint64_t number, std::size_t frame) {
  auto made = plain(250);
  random_engine random(number + 1);
  const auto lines = any_of(random, 3, 7);
  for (std::int64_t line = 0; line < lines; ++line) {
    auto x = static_cast<std::size_t>(any_of(random, 16, 40));
    for (auto words = any_of(random, 2, 7); words > 0; --words) {
      const auto width = static_cast<std::size_t>(any_of(random, 12, 40));
      if (x + width > scene_width - 16)
        break;
      for (std::size_t letter = 0; letter + 3 < width; letter += 5)
        fill(made, x + letter, static_cast<std::size_t>(16 + line * 22), 3, line == 0 ? 14 : 9, {40, 40, 60});
      x += width + 6;
    }
  }
  fill(made, 40 + frame % 200, 150, 4, 6, {200, 30, 30});
  return made;
}

picture view(std::uint64_t number, std::size_t frame, double speed) {
  random_engine random(number * 7919 + 17);
  const auto unit = [&] { return static_cast<double>(any_of(random, 0, 1000)) / 1000; };
  double level[3], wave[3][4];
  for (int c = 0; c < 3; ++c) {
    level[c] = 60 + 140 * unit();
    for (auto& w : wave[c])
      w = unit();
  }
  picture made = plain(0);
  for (std::size_t y = 0; y < scene_height; ++y)
    for (std::size_t x = 0; x < scene_width; ++x) {
      const double at = static_cast<double>(x) + speed * static_cast<double>(frame);
      for (int c = 0; c < 3; ++c) {
        const auto& w = wave[c];
        const double value = level[c] + 30 * std::sin(at * (0.01 + 0.04 * w[0]) + 6 * w[1])
                             + 25 * std::sin(static_cast<double>(y) * (0.02 + 0.06 * w[2]) + at * 0.02 + 6 * w[3]);
        made.values[(y * scene_width + x) * 3 + static_cast<std::size_t>(c)] =
            static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  return made;
}

picture mixed(const picture& a, const picture& b, double share) {
  auto made = a;
  for (std::size_t i = 0; i < made.values.size(); ++i)
    made.values[i] = static_cast<std::uint8_t>(std::lround((1 - share) * a.values[i] + share * b.values[i]));
  return made;
}

picture blurred(const picture& of, int radius) {
  auto made = of;
  const auto width = static_cast<int>(of.width), height = static_cast<int>(of.height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        int sum = 0, count = 0;
        for (int v = std::max(0, y - radius); v <= std::min(height - 1, y + radius); ++v)
          for (int u = std::max(0, x - radius); u <= std::min(width - 1, x + radius); ++u, ++count)
            sum += of.values[static_cast<std::size_t>((v * width + u) * 3 + c)];
        made.values[static_cast<std::size_t>((y * width + x) * 3 + c)] = static_cast<std::uint8_t>(sum / count);
      }
  return made;
}

picture noisy(picture of, std::uint64_t seed, int most) {
  random_engine random(seed);
  for (auto& value : of.values)
    value = static_cast<std::uint8_t>(std::clamp<std::int64_t>(
        value + static_cast<std::int64_t>(random() % (2 * static_cast<unsigned>(most) + 1)) - most, 0, 255));
  return of;
}

} // namespace chalkstream::test

#include "pipelines/tools/training/images/augmentation.hpp"

#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace chalkstream::pipelines::tools {

namespace {

constexpr double least_erased = 0.02;
constexpr double most_erased = 0.15;
constexpr double narrowest = 0.5; // height to width, and its inverse

class draws {
public:
  explicit draws(std::uint64_t seed) : random_{seed} {}

  /// 0 … 1
  double share() { return static_cast<double>(random_.below(1U << 30)) / static_cast<double>(1U << 30); }
  double within(double most) { return most > 0 ? (2 * share() - 1) * most : 0; }
  bool chance(double of) { return of > 0 && share() < of; }

private:
  education::measures::row_generator random_;
};

/// From a pixel of the result to where it was, both from the middle.
struct affine {
  double xx, xy, x, yx, yy, y;
};

affine drawn(const picture& image, const augmentation_settings& s, draws& random) {
  const double angle = random.within(s.rotation) * std::numbers::pi / 180;
  const double across = (1 + random.within(s.zoom)) * (random.chance(s.flip) ? -1 : 1);
  const double down = 1 + random.within(s.zoom);
  const double slant = random.within(s.shear);
  const double right = random.within(s.shift) * static_cast<double>(image.width);
  const double below = random.within(s.shift) * static_cast<double>(image.height);
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  return {cosine / across, (slant * cosine - sine) / across, right,
          sine / down,     (slant * sine + cosine) / down,   below};
}

picture moved(const picture& image, const affine& back) {
  picture made{image.width, image.height, image.channels, std::vector<std::uint8_t>(image.values.size())};
  const double middle_x = (static_cast<double>(image.width) - 1) / 2;
  const double middle_y = (static_cast<double>(image.height) - 1) / 2;
  const double last_x = static_cast<double>(image.width) - 1;
  const double last_y = static_cast<double>(image.height) - 1;
  auto* to = made.values.data();
  for (std::size_t row = 0; row < image.height; ++row)
    for (std::size_t column = 0; column < image.width; ++column) {
      const double dx = static_cast<double>(column) - middle_x;
      const double dy = static_cast<double>(row) - middle_y;
      const double x = std::clamp(back.xx * dx + back.xy * dy + back.x + middle_x, 0.0, last_x);
      const double y = std::clamp(back.yx * dx + back.yy * dy + back.y + middle_y, 0.0, last_y);
      const auto left = static_cast<std::size_t>(x);
      const auto top = static_cast<std::size_t>(y);
      const auto right = std::min(left + 1, image.width - 1);
      const auto bottom = std::min(top + 1, image.height - 1);
      const auto across = static_cast<float>(x - static_cast<double>(left));
      const auto down = static_cast<float>(y - static_cast<double>(top));
      const auto at = [&](std::size_t r, std::size_t c) {
        return image.values.data() + (r * image.width + c) * image.channels;
      };
      const std::array<const std::uint8_t*, 4> near{at(top, left), at(top, right), at(bottom, left),
                                                    at(bottom, right)};
      for (std::size_t c = 0; c < image.channels; ++c) {
        const float upper = near[0][c] + across * static_cast<float>(near[1][c] - near[0][c]);
        const float lower = near[2][c] + across * static_cast<float>(near[3][c] - near[2][c]);
        *to++ = static_cast<std::uint8_t>(std::lround(upper + down * (lower - upper)));
      }
    }
  return made;
}

void erase(picture& image, draws& random) {
  const double area = (least_erased + (most_erased - least_erased) * random.share())
                      * static_cast<double>(image.width * image.height);
  const double ratio = narrowest * std::pow(1 / (narrowest * narrowest), random.share());
  const auto side = [](double wanted, std::size_t most) {
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(wanted)), 1, most);
  };
  const auto height = side(std::sqrt(area * ratio), image.height);
  const auto width = side(std::sqrt(area / ratio), image.width);
  const auto place = [&random](std::size_t free) {
    return static_cast<std::size_t>(random.share() * static_cast<double>(free + 1));
  };
  const auto top = place(image.height - height);
  const auto left = place(image.width - width);
  for (std::size_t c = 0; c < image.channels; ++c) {
    std::size_t sum = 0;
    for (std::size_t i = c; i < image.values.size(); i += image.channels)
      sum += image.values[i];
    const auto mean = static_cast<std::uint8_t>(sum / (image.width * image.height));
    for (std::size_t row = top; row < top + height; ++row)
      for (std::size_t column = left; column < left + width; ++column)
        image.values[(row * image.width + column) * image.channels + c] = mean;
  }
}

} // namespace

picture augmented(const picture& image, const augmentation_settings& settings, std::uint64_t seed) {
  draws random(seed);
  auto made = settings.moves() ? moved(image, drawn(image, settings, random)) : image;
  if (random.chance(settings.erase))
    erase(made, random);
  return made;
}

} // namespace chalkstream::pipelines::tools

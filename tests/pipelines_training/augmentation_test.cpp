#include "pipelines/tools/training/images/augmentation.hpp"

#include <gmock/gmock.h>

#include <numeric>

namespace chalkstream::pipelines::tools {
namespace {

/// A bright square in the middle of the dark.
picture square(std::size_t channels = 1) {
  picture made{20, 20, channels, std::vector<std::uint8_t>(400 * channels, 10)};
  for (std::size_t y = 8; y < 12; ++y)
    for (std::size_t x = 8; x < 12; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        made.values[(y * 20 + x) * channels + c] = static_cast<std::uint8_t>(200 + c);
  return made;
}

double brightness(const picture& image) {
  return std::accumulate(image.values.begin(), image.values.end(), 0.0);
}

/// Of the bright part, from the left and from the top.
std::pair<double, double> centre(const picture& image) {
  double x = 0, y = 0, sum = 0;
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    const double weight = image.values[i] - 10;
    x += weight * static_cast<double>(i % 20);
    y += weight * static_cast<double>(i / 20);
    sum += weight;
  }
  return {x / sum, y / sum};
}

TEST(augmentation_test, nothing_asked_for_changes_nothing) {
  EXPECT_FALSE(augmentation_settings{}.any());
  EXPECT_EQ(augmented(square(3), {}, 7).values, square(3).values);
}

TEST(augmentation_test, the_seed_decides) {
  const augmentation_settings all{0.1, 15, 0.1, 0.1, 0.5, 0.5};
  EXPECT_EQ(augmented(square(3), all, 1).values, augmented(square(3), all, 1).values);
  EXPECT_NE(augmented(square(3), all, 1).values, augmented(square(3), all, 2).values);
}

TEST(augmentation_test, a_shift_moves_within_its_bound_in_both_directions) {
  bool left = false, right = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto moved = augmented(square(), {.shift = 0.2}, seed);
    const auto [x, y] = centre(moved);
    EXPECT_LE(std::abs(x - 9.5), 4.05);
    EXPECT_LE(std::abs(y - 9.5), 4.05);
    EXPECT_NEAR(brightness(moved), brightness(square()), 0.02 * brightness(square()));
    left = left || x < 8.5;
    right = right || x > 10.5;
  }
  EXPECT_TRUE(left && right);
}

TEST(augmentation_test, turning_and_slanting_keep_the_middle) {
  for (const augmentation_settings how : {augmentation_settings{.rotation = 180}, augmentation_settings{.shear = 1}})
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto moved = augmented(square(), how, seed);
      EXPECT_NEAR(centre(moved).first, 9.5, 0.3);
      EXPECT_NEAR(centre(moved).second, 9.5, 0.3);
      EXPECT_NEAR(brightness(moved), brightness(square()), 0.05 * brightness(square()));
    }
}

TEST(augmentation_test, a_zoom_makes_it_larger_or_smaller) {
  double least = brightness(square()), most = least;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto sum = brightness(augmented(square(), {.zoom = 0.3}, seed));
    least = std::min(least, sum);
    most = std::max(most, sum);
  }
  const double bright = 16 * 190;
  EXPECT_LT(least, brightness(square()) - 0.2 * bright);
  EXPECT_GT(most, brightness(square()) + 0.2 * bright);
}

TEST(augmentation_test, a_flip_is_a_mirror_as_often_as_asked_for) {
  auto image = square();
  image.values[9 * 20 + 2] = 250;
  int flipped = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto made = augmented(image, {.flip = 0.5}, seed);
    flipped += made.values[9 * 20 + 17] == 250 ? 1 : 0;
    EXPECT_EQ(made.values[9 * 20 + 17] == 250, made.values[9 * 20 + 2] != 250);
  }
  EXPECT_NEAR(flipped, 200, 50);
}

TEST(augmentation_test, a_rectangle_becomes_the_mean) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto made = augmented(square(3), {.erase = 1}, seed);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < made.values.size(); i += 3)
      if (made.values[i] != 10 && made.values[i] != 200) {
        EXPECT_EQ(made.values[i], 17); // (384 · 10 + 16 · 200) / 400
        ++changed;
      }
    EXPECT_GE(changed, 6U);
    EXPECT_LE(changed, 75U);
  }
}

} // namespace
} // namespace chalkstream::pipelines::tools

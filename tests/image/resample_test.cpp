// Pictures at other sizes, byte by byte as Pillow has them.
#include <gtest/gtest.h>

#include <algorithm>

#include "models/image/line_passes.hpp"
#include "models/image/resample.hpp"
#include "tests/image/golden_pictures.hpp"

namespace chalkstream::image {
namespace {

TEST(resample_test, every_filter_up_and_down_gives_the_bytes_of_pillow) {
  const auto cases = read_golden("resampled.json");
  ASSERT_GT(cases.size(), 300u);
  for (const auto& one : cases) {
    SCOPED_TRACE(one.dump());
    const auto from = made_picture(one[0], one[1], one[2], one[3]);
    const picture_size to{one[4], one[5]};
    const auto made = resample(from, to, static_cast<filter>(one[6].get<int>()));
    EXPECT_EQ((picture_size{made.width, made.height}), to);
    EXPECT_EQ(made.channels, from.channels);
    EXPECT_EQ(sum_of(made.values.data(), made.values.size()), one[7].get<std::uint32_t>());
  }
}

TEST(resample_test, a_part_is_cut_from_the_whole) {
  test::random_numbers random(1);
  for (int round = 0; round < 200; ++round) {
    const auto from = made_picture(random.below(1000), 1 + random.below(50), 1 + random.below(50), round % 2 == 0 ? 3 : 1);
    const picture_size to{1 + random.below(60), 1 + random.below(60)};
    const auto by = static_cast<filter>(random.below(6));
    rectangle part{random.below(to.width), random.below(to.height), {}};
    part.size = {1 + random.below(to.width - part.x), 1 + random.below(to.height - part.y)};
    const auto whole = resample(from, to, by);
    const auto made = resample(from, to, by, part);
    ASSERT_EQ((picture_size{made.width, made.height}), part.size);
    for (std::size_t y = 0; y < made.height; ++y) {
      const auto row = made.values.begin() + static_cast<std::ptrdiff_t>(y * made.width * made.channels);
      const auto begin = ((part.y + y) * whole.width + part.x) * whole.channels;
      ASSERT_TRUE(std::equal(row, row + static_cast<std::ptrdiff_t>(made.width * made.channels),
                             whole.values.begin() + static_cast<std::ptrdiff_t>(begin)));
    }
  }
}

TEST(resample_test, a_picture_of_the_same_size_stays_as_it_is) {
  const auto from = made_picture(5, 31, 17, 3);
  EXPECT_EQ(resample(from, {31, 17}, filter::lanczos).values, from.values);
}

} // namespace
} // namespace chalkstream::image

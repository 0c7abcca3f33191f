// Pictures to PNG files and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/image/decode.hpp"
#include "models/image/png_file.hpp"

namespace chalkstream::image {
namespace {

using ::testing::HasSubstr;

picture shades(std::size_t width, std::size_t height, std::size_t channels) {
  picture made{width, height, channels, {}};
  for (std::size_t i = 0; i < width * height * channels; ++i)
    made.values.push_back(static_cast<std::uint8_t>(i * 37 + i / 7));
  return made;
}

TEST(png_file_test, a_file_has_the_pixels_that_went_in) {
  for (const std::size_t channels : {1U, 3U})
    for (const auto& [width, height] : {std::pair{1U, 1U}, {28U, 28U}, {301U, 7U}}) {
      const auto before = shades(width, height, channels);
      const auto file = png_file(before);
      ASSERT_TRUE(file) << file.error().message;
      EXPECT_EQ(png_file(before).value(), *file);
      const auto pages = decode(std::as_bytes(std::span(*file)), {});
      ASSERT_TRUE(pages) << pages.error().message;
      ASSERT_EQ(pages->size(), 1U);
      const auto& after = pages->front();
      ASSERT_EQ(after.width, width);
      ASSERT_EQ(after.height, height);
      for (std::size_t i = 0; i < after.values.size(); ++i)
        ASSERT_EQ(after.values[i], before.values[channels == 3 ? i : i / 3]) << i;
    }
}

TEST(png_file_test, what_is_no_picture_is_refused) {
  auto wrong = shades(4, 4, 1);
  wrong.width = 5;
  for (const auto& image : {wrong, picture{0, 4, 1, {}}, picture{2, 2, 2, std::vector<std::uint8_t>(8)}}) {
    const auto refused = png_file(image);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr("is no PNG file"));
  }
}

} // namespace
} // namespace chalkstream::image

// Which files are images, by their own bytes.
#include <gtest/gtest.h>

#include <string_view>

#include "models/image/decode.hpp"

namespace chalkstream::image {
namespace {

using namespace std::string_view_literals;

std::optional<media> media_of_text(std::string_view text) {
  return media_of(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(media_test, a_file_is_what_its_first_bytes_say) {
  EXPECT_EQ(media_of_text("\xff\xd8\xff\xe0"sv), media::jpeg);
  EXPECT_EQ(media_of_text("\x89PNG\r\n\x1a\n"sv), media::png);
  EXPECT_EQ(media_of_text("RIFF\x10\0\0\0WEBPVP8 "sv), media::webp);
  EXPECT_EQ(media_of_text("II*\0\x08\0\0\0"sv), media::tiff);
  EXPECT_EQ(media_of_text("MM\0*\0\0\0\x08"sv), media::tiff);
  EXPECT_EQ(media_of_text("BM\x46\0"sv), media::bmp);
  EXPECT_EQ(media_of_text("%PDF-1.7"sv), media::pdf);
}

TEST(media_test, other_files_and_beginnings_of_these_are_none) {
  for (const auto text :
       {""sv, "R"sv, "RIFF\x10\0\0\0WAVE"sv, "GIF89a"sv, "<svg/>"sv, "\x89PNG"sv, "\xff\xd8"sv, "II"sv})
    EXPECT_EQ(media_of_text(text), std::nullopt) << text;
}

TEST(media_test, each_kind_has_its_name) {
  EXPECT_EQ(media_type(media::jpeg), "image/jpeg");
  EXPECT_EQ(media_type(media::tiff), "image/tiff");
  EXPECT_EQ(media_type(media::pdf), "application/pdf");
}

TEST(media_test, what_is_no_image_is_an_error) {
  const auto none = decode(std::as_bytes(std::span("plain text", 10)), {});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, errc::invalid_argument);
}

} // namespace
} // namespace chalkstream::image

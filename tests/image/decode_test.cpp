// What is in a file, pixel by pixel as Pillow has it, and what a file may cost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "models/image/decode.hpp"
#include "tests/image/golden_pictures.hpp"

namespace chalkstream::image {
namespace {

using ::testing::HasSubstr;

TEST(decode_test, every_file_is_the_pixels_that_pillow_has) {
  const auto expected = read_golden("decoded.json");
  ASSERT_GT(expected.size(), 100u);
  for (const auto& [name, pages] : expected.items()) {
    SCOPED_TRACE(name);
    const auto bytes = bytes_of(goldens / "files" / name);
    const auto made = decode(as_file(bytes), {});
    if (!made) {
      ADD_FAILURE() << made.error().message;
      continue;
    }
    ASSERT_EQ(made->size(), pages.size());
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const auto& page = (*made)[i];
      EXPECT_EQ(page.channels, 3u);
      EXPECT_EQ(page.width, pages[i][0].get<std::size_t>());
      EXPECT_EQ(page.height, pages[i][1].get<std::size_t>());
      EXPECT_EQ(sum_of(page.values.data(), page.values.size()), pages[i][2].get<std::uint32_t>()) << "page " << i;
    }
  }
}

TEST(decode_test, every_golden_file_is_tested) {
  const auto expected = read_golden("decoded.json");
  for (const auto& name : golden_files())
    EXPECT_TRUE(expected.contains(name)) << name;
}

// What each limit says when it is one below what a file needs.
std::string refusal(const std::string& file, const decode_limits& limits) {
  const auto made = decode(as_file(bytes_of(goldens / "files" / file)), limits);
  if (made)
    return "it was read";
  EXPECT_EQ(made.error().code, errc::out_of_memory) << made.error().message;
  return made.error().message;
}

TEST(decode_test, what_is_over_a_limit_is_refused_by_its_name) {
  for (const char* file : {"rgb_420.jpg", "rgb.png", "lossy.webp", "rgb_raw.tif", "rgb.bmp"}) {
    SCOPED_TRACE(file);
    EXPECT_THAT(refusal(file, {.max_bytes = 100}), HasSubstr("max_bytes"));
    EXPECT_THAT(refusal(file, {.max_pixels = 37 * 29 - 1}), HasSubstr("max_pixels"));
    EXPECT_THAT(refusal(file, {.max_memory = 37 * 29 * 3 - 1}), HasSubstr("max_memory"));
    EXPECT_THAT(refusal(file, {.max_time = std::chrono::milliseconds(-1)}), HasSubstr("max_time"));
  }
  EXPECT_THAT(refusal("pages.tif", {.max_pages = 3}), HasSubstr("max_pages"));
}

TEST(decode_test, an_image_within_its_limits_is_read) {
  const auto bytes = bytes_of(goldens / "files" / "rgb.png");
  EXPECT_TRUE(decode(as_file(bytes), {.max_bytes = bytes.size(), .max_pixels = 37 * 29, .max_pages = 1}).ok());
}

// Big-endian numbers inside of a PNG, whose sums come after them.
void put(std::string& bytes, std::size_t at, std::uint32_t number) {
  for (int i = 0; i < 4; ++i)
    bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(number >> (24 - 8 * i));
}

TEST(decode_test, a_header_that_promises_too_much_costs_nothing) {
  auto bytes = bytes_of(goldens / "files" / "rgb.png");
  put(bytes, 16, 2'000'000'000);
  put(bytes, 20, 2'000'000'000);
  put(bytes, 29, sum_of(bytes.data() + 12, 17));
  const auto made = decode(as_file(bytes), {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, errc::out_of_memory);
  EXPECT_THAT(made.error().message, HasSubstr("max_pixels"));
}

TEST(decode_test, a_wrong_check_sum_is_an_error) {
  for (const std::size_t at : {29u, 45u}) { // of the header, and within the pixels
    auto bytes = bytes_of(goldens / "files" / "rgb.png");
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    const auto made = decode(as_file(bytes), {});
    ASSERT_FALSE(made.ok()) << at;
    EXPECT_EQ(made.error().code, errc::invalid_argument);
  }
}

TEST(decode_test, a_progressive_image_may_not_keep_more_coefficients_than_it_may_cost) {
  const auto bytes = bytes_of(goldens / "files" / "progressive.jpg");
  // Its pixels and rows fit, 3 x 37 x 29 numbers of 16 bits do not.
  const auto made = decode(as_file(bytes), {.max_memory = bytes.size() + 37 * 29 * 3 + 64 * 4 * 37});
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message, HasSubstr("max_memory"));
}

TEST(decode_test, the_beginning_of_a_file_is_an_error_or_all_that_matters) {
  for (const auto& name : golden_files()) {
    const auto whole = bytes_of(goldens / "files" / name);
    const auto complete = decode(as_file(whole), {});
    ASSERT_TRUE(complete.ok()) << name;
    const std::size_t step = 1 + whole.size() / 600;
    for (std::size_t length = 0; length < whole.size(); length += step) {
      const auto made = decode(as_file(whole).first(length), {});
      if (!made) {
        ASSERT_FALSE(made.error().message.empty());
        continue;
      }
      // An end marker, or what no pixel comes from: then the pixels are all there.
      ASSERT_EQ(made->size(), complete->size()) << name << " at " << length;
      ASSERT_FALSE(name.ends_with(".png") || name.ends_with(".webp")) << name << " at " << length;
      for (std::size_t page = 0; page < made->size(); ++page)
        ASSERT_EQ((*made)[page].values, (*complete)[page].values) << name << " at " << length;
    }
  }
}

TEST(decode_test, changed_files_are_results_or_errors) {
  const decode_limits limits{.max_pixels = 1'000'000, .max_memory = 16 << 20, .max_time = std::chrono::seconds(2)};
  std::size_t read = 0, refused = 0;
  for (const auto& name : golden_files()) {
    const auto whole = bytes_of(goldens / "files" / name);
    test::random_numbers random(sum_of(name.data(), name.size()));
    for (int round = 0; round < 100; ++round) {
      auto bytes = whole;
      for (auto changes = 1 + random.below(6); changes > 0; --changes) {
        const bool near_the_head = random.below(2) == 0;
        const auto at = random.below(near_the_head ? std::min<std::size_t>(bytes.size(), 100) : bytes.size());
        bytes[at] = static_cast<char>(random.below(3) == 0 ? 255 * random.below(2) : random.below(256));
      }
      const auto made = decode(as_file(bytes), limits);
      ++(made ? read : refused);
      for (std::size_t i = 0; made && i < made->size(); ++i) {
        const auto& page = (*made)[i];
        ASSERT_EQ(page.values.size(), page.width * page.height * 3) << name;
        ASSERT_LE(page.width * page.height, limits.max_pixels) << name;
      }
    }
  }
  EXPECT_GT(read, 1000u);
  EXPECT_GT(refused, 1000u);
}

TEST(decode_test, bytes_behind_a_head_are_results_or_errors) {
  for (const std::string head : {"\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "RIFF\x40\x01\x00\x00WEBPVP8 ", "II*", "MM", "BM"}) {
    test::random_numbers random(head.size());
    for (int round = 0; round < 500; ++round) {
      std::string bytes = head;
      for (auto length = random.below(300); length > 0; --length)
        bytes.push_back(static_cast<char>(random.below(256)));
      EXPECT_FALSE(decode(as_file(bytes), {.max_memory = 16 << 20}).ok());
    }
  }
}

} // namespace
} // namespace chalkstream::image

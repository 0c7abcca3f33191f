#include "core/base64.hpp"
#include "education/result_encoder.hpp"
#include "models/image/decode.hpp"
#include "models/image/png_file.hpp"
#include "pipelines/tools/annotated_results.hpp"
#include "pipelines/tools/annotation.hpp"
#include "pipelines/tools/canvas.hpp"
#include "pipelines/tools/dot_letters.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <set>

namespace chalkstream::pipelines::tools {
namespace {

picture grey(std::size_t width, std::size_t height) {
  return {width, height, 1, std::vector<std::uint8_t>(width * height, 128)};
}

colour pixel(const picture& of, std::size_t x, std::size_t y) {
  const auto* from = of.values.data() + (y * of.width + x) * 3;
  return {from[0], from[1], from[2]};
}

TEST(dot_letters_test, every_character_of_ascii_has_a_letter_of_its_own) {
  std::set<std::pair<int, std::array<std::uint8_t, 5>>> seen;
  std::string all;
  for (char c = ' '; c <= '_'; ++c)
    all += c;
  const auto letters = dot_letters(all);
  ASSERT_EQ(letters.size(), all.size());
  for (const auto& letter : letters) {
    EXPECT_TRUE(seen.insert({letter.width, letter.rows}).second);
    for (const auto row : letter.rows)
      EXPECT_LT(row, 1 << letter.width);
  }
}

TEST(dot_letters_test, small_letters_are_capitals_and_others_are_blocks) {
  const auto rows = [](std::string_view text) {
    std::vector<std::array<std::uint8_t, 5>> made;
    for (const auto& letter : dot_letters(text))
      made.push_back(letter.rows);
    return made;
  };
  EXPECT_EQ(rows("aZ~{}|`"), rows("AZ-()!'"));
  const std::array<std::uint8_t, 5> block{7, 7, 7, 7, 7};
  EXPECT_EQ(rows("ü图\xff\n"), (std::vector{block, block, block, block}));
}

TEST(canvas_test, what_lies_outside_is_left_out) {
  picture small{4, 3, 3, std::vector<std::uint8_t>(36, 0)};
  canvas on(small);
  on.fill(-5, -5, 100, 6, {1, 2, 3});
  on.words("WORDS THAT DO NOT FIT", -7, 1, 3, {9, 9, 9});
  on.frame(-1, -1, 9, 9, {9, 9, 9});
  EXPECT_EQ(pixel(small, 0, 0), (colour{1, 2, 3}));
  EXPECT_EQ(small.values.size(), 36U);
}

TEST(annotation_test, the_likeliest_classes_come_first) {
  const std::vector<std::string> labels{"a", "b", "c"};
  const auto made = likeliest_classes(std::array{0.F, 3.F, 1.F, 2.F}, labels);
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made[0].label, "b");
  EXPECT_EQ(made[1].label, "3"); // it has no label
  EXPECT_EQ(made[2].label, "c");
  EXPECT_NEAR(made[0].confidence, 0.6439, 1e-4);
  EXPECT_EQ(likeliest_classes(std::array{1.F}, labels).size(), 1U);
  EXPECT_TRUE(likeliest_classes({}, labels).empty());
}

TEST(annotation_test, classes_stand_below_the_picture_with_how_sure_they_are) {
  const std::vector<class_guess> guesses{{"seven", 1}, {"one", 0}};
  const auto made = annotated(grey(28, 14), guesses);
  ASSERT_EQ(made.channels, 3U);
  ASSERT_EQ(made.width, 200U);
  const std::size_t top = 14 * (200 / 28) + 6, row = 27;
  ASSERT_EQ(made.height, top + 2 * row);
  EXPECT_EQ(pixel(made, 195, 97), (colour{128, 128, 128})) << "the picture, seven times as large";
  EXPECT_EQ(pixel(made, 0, top), colour_of(1)) << "a green plate";
  EXPECT_EQ(pixel(made, 0, top + row), colour_of(0)) << "a red one";
  EXPECT_EQ(pixel(made, 199, top + 21), colour_of(1)) << "a bar over the whole width";
  EXPECT_EQ(pixel(made, 199, top + row + 21), (colour{255, 255, 255})) << "none";
  std::size_t ink = 0;
  for (std::size_t x = 0; x < made.width; ++x)
    ink += pixel(made, x, top + 3) == colour{40, 40, 40} ? 1 : 0;
  EXPECT_GT(ink, 20U) << "the label's letters";
}

TEST(annotation_test, large_pictures_become_thumbnails_and_long_labels_are_cut) {
  const std::vector<class_guess> guess{{std::string(5000, 'x'), 0.5}};
  const auto made = annotated(grey(3000, 30), guess);
  EXPECT_EQ(made.width, 1000U);
  EXPECT_EQ(made.height, 10U + 6 + 27);
  EXPECT_EQ(annotated(grey(3, 4000), guess).width, 1000U);
}

class annotated_results_test : public ::testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/chalkstream-annotated-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static sample event(const std::string& id, const std::string& file) {
    return {std::nullopt,
            R"({"id":")" + id + R"(","type":"image","image":{"data":")" + encode_base64(file) + R"("}})"};
  }

  static std::string result_of(const std::string& event, std::vector<recognised_page> pages, bool read) {
    outcome what;
    what.event = event;
    what.pipeline = "scans";
    what.pages = std::move(pages);
    if (read)
      what.text = "text";
    return education::encode_result(education::result_kind::recognition, what);
  }

  picture written(const std::string& name) const {
    std::ifstream in{folder_ / "pictures" / name, std::ios::binary};
    const std::string file{std::istreambuf_iterator<char>(in), {}};
    auto made = image::decode(std::as_bytes(std::span(file)), {});
    EXPECT_TRUE(made) << name;
    return made ? made->front() : picture{};
  }

  std::filesystem::path folder_;
};

TEST_F(annotated_results_test, each_page_is_drawn_with_what_its_result_says) {
  const auto file = image::png_file(grey(100, 100)).value();
  const std::vector<sample> events{
      event("read", file), event("../class", file), event("cut", "no image"), {std::nullopt, "not JSON"}};
  recognised_page page;
  page.width = page.height = 100;
  page.lines.push_back({.text = "text", .box = {40, 20, 30, 10}, .confidence = 1});
  const std::vector results{result_of("read", {page}, true), result_of("../class", {{"seven", 0.25}}, false),
                            result_of("unknown", {{"seven", 0.25}}, false), result_of("read", {}, false),
                            std::string("{")};
  const auto made = annotate_results(events, results, folder_ / "pictures");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, 2U);
  const auto read = written("scans-read-p1.png");
  EXPECT_EQ(read.width, 100U);
  EXPECT_EQ(pixel(read, 38 + 20, 18), colour_of(1)) << "the line's frame";
  EXPECT_EQ(pixel(written("scans-___class-p1.png"), 0, 206), colour_of(0.25)) << "the class's plate";
}

TEST_F(annotated_results_test, a_folder_that_cannot_be_made_is_an_error) {
  std::ofstream{folder_ / "file"};
  const auto made = annotate_results({}, {}, folder_ / "file" / "pictures");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::io);
}

} // namespace
} // namespace chalkstream::pipelines::tools

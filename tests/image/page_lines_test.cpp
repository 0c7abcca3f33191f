// Lines found on the pages that goldens/make_page_lines.py printed, against what it printed.
#include "models/image/page_lines.hpp"

#include <cmath>

#include "models/image/decode.hpp"
#include "models/image/ink.hpp"
#include "tests/image/golden_pictures.hpp"

namespace chalkstream::image {
namespace {

picture golden_page(const std::string& name) {
  const auto file = bytes_of(goldens / "page_lines" / name);
  auto pages = decode(as_file(file), {});
  EXPECT_TRUE(pages.ok()) << name;
  return pages.ok() ? std::move(pages->front()) : picture{};
}

class page_lines_test : public ::testing::TestWithParam<std::string> {};

TEST_P(page_lines_test, are_those_that_were_printed_in_reading_order) {
  const auto truth = read_golden("page_lines.json").at(GetParam());
  const auto& printed = truth.at("lines");
  const auto found = page_lines::find(golden_page(GetParam()));
  EXPECT_NEAR(found.skew(), -truth.at("degrees").get<double>(), 0.2);
  ASSERT_EQ(found.size(), printed.size());
  if (truth.at("degrees") != 0)
    return; // places were told before the page was turned
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto box = found.box(i);
    const double room = 6 + (printed[i][4].get<double>() - printed[i][2].get<double>()) / 6;
    EXPECT_NEAR(box.left, printed[i][1].get<double>(), room) << printed[i][0];
    EXPECT_NEAR(box.left + box.width, printed[i][3].get<double>(), room) << printed[i][0];
    EXPECT_NEAR(box.top, printed[i][2].get<double>(), room) << printed[i][0];
    EXPECT_NEAR(box.top + box.height, printed[i][4].get<double>(), room) << printed[i][0];
    const auto line = found.line(i);
    EXPECT_EQ(line.width, box.width);
    EXPECT_EQ(line.height, box.height);
    EXPECT_EQ(line.values.size(), line.width * line.height * line.channels);
  }
}

INSTANTIATE_TEST_SUITE_P(pages, page_lines_test,
                         ::testing::Values("serif.png", "turned.png", "turned_back.png", "tight.png", "large.png",
                                           "columns.png", "ruled.png", "shadow.jpg", "empty.png"));

TEST(turned_page_test, says_where_a_line_lies_on_the_page_as_it_came) {
  const auto page = golden_page("turned.png");
  const auto found = page_lines::find(page);
  ASSERT_GT(found.size(), 2U);
  const auto ink = find_ink(page);
  std::size_t inside = 0, all = 0;
  for (std::size_t y = 0; y < ink.height; ++y)
    for (std::size_t x = 0; x < ink.width; ++x) {
      if (ink.dark[y * ink.width + x] == 0)
        continue;
      ++all;
      for (std::size_t i = 0; i < found.size(); ++i) {
        const auto box = found.box(i);
        if (x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height) {
          ++inside;
          break;
        }
      }
    }
  EXPECT_GT(all, 1000U);
  EXPECT_GT(static_cast<double>(inside), 0.99 * static_cast<double>(all));
  const auto first = found.box_in(0, {0, 0, 10, 10});
  EXPECT_LE(first.width, 12U) << "a part of a line is about as large on the page";
  EXPECT_GE(first.width, 9U);
}

TEST(page_lines_of_any_picture_test, do_not_depend_on_there_being_any) {
  for (const auto& [width, height] :
       {std::pair<std::size_t, std::size_t>{0, 0}, {1, 1}, {1, 500}, {500, 1}, {7, 9}}) {
    for (const int kind : {0, 1, 2}) {
      picture any{width, height, 3, std::vector<std::uint8_t>(width * height * 3)};
      std::uint32_t state = 7;
      for (auto& value : any.values)
        value = kind == 0   ? 0
                : kind == 1 ? 255
                            : static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24U);
      const auto found = page_lines::find(std::move(any));
      for (std::size_t i = 0; i < found.size(); ++i) {
        const auto box = found.box(i);
        EXPECT_LE(box.left + box.width, width);
        EXPECT_LE(box.top + box.height, height);
      }
    }
  }
}

TEST(ink_test, is_what_is_darker_than_its_surroundings_and_hangs_together) {
  picture page{60, 40, 1, std::vector<std::uint8_t>(2400)};
  for (std::size_t y = 0; y < 40; ++y)
    for (std::size_t x = 0; x < 60; ++x)
      page.values[y * 60 + x] = static_cast<std::uint8_t>(250 - 2 * x); // darker to the right than ink on the left
  for (std::size_t i = 0; i < 6; ++i) {
    page.values[(10 + i) * 60 + 10 + i] = 140; // touching by corners
    page.values[20 * 60 + 50 + i] = 10;
  }
  const auto pieces = pieces_of(find_ink(page));
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].box, (picture_box{10, 10, 6, 6}));
  EXPECT_EQ(pieces[0].pixels, 6U);
  EXPECT_EQ(pieces[1].box, (picture_box{50, 20, 6, 1}));
}

TEST(ink_test, joins_what_meets_further_down) {
  picture page{9, 6, 1, std::vector<std::uint8_t>(54, 255)};
  for (std::size_t y = 0; y < 5; ++y) // a V of two arms, and a dot
    page.values[y * 9 + y] = page.values[y * 9 + 8 - y] = 0;
  ink_map ink{9, 6, {}};
  for (const auto value : page.values)
    ink.dark.push_back(value == 0 ? 1 : 0);
  ink.dark[5 * 9 + 0] = 1;
  const auto pieces = pieces_of(ink);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].box, (picture_box{0, 0, 9, 5}));
  EXPECT_EQ(pieces[0].pixels, 9U);
  EXPECT_EQ(pieces_of(ink, 1).size(), 1U) << "no more than asked for";
}

} // namespace
} // namespace chalkstream::image

// Pages of PDF files, and what becomes of files that are out of bounds or out of order.
#include "models/image/decode.hpp"
#include "tests/image/made_pdf.hpp"

#include <cerrno>
#include <cstdlib>
#include <gmock/gmock.h>
#include <random>
#include <span>
#include <sys/wait.h>

namespace chalkstream::image {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

result<std::vector<picture>> pages_of(const std::string& file, const decode_limits& limits = {}) {
  return decode(std::as_bytes(std::span(file)), limits);
}

std::string refusal(const std::string& file, const decode_limits& limits = {}) {
  const auto made = pages_of(file, limits);
  EXPECT_FALSE(made.ok());
  return made.ok() ? "" : made.error().message;
}

/// A red square in the lower left corner, half an inch wide.
const pdf_page square{.marks = "1 0 0 rg 0 0 36 36 re f"};

bool is_red(const picture& page, std::size_t x, std::size_t y) {
  const auto* pixel = page.values.data() + (y * page.width + x) * 3;
  return pixel[0] == 255 && pixel[1] == 0 && pixel[2] == 0;
}

class pdf_test : public ::testing::Test {
protected:
  void SetUp() override {
    if (std::system("pdftoppm -v 2>/dev/null") != 0)
      GTEST_SKIP() << "no pdftoppm: install poppler-utils";
  }
  void TearDown() override {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    EXPECT_EQ(errno, ECHILD);
  }
};

TEST_F(pdf_test, is_rendered_page_by_page_at_its_resolution) {
  const auto made = pages_of(made_pdf({square, {.media_box = "0 0 72 144", .marks = "0 1 0 rg 0 0 72 144 re f"}}));
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->size(), 2U);
  const auto& first = made->front();
  EXPECT_EQ(first.width, 300U);
  EXPECT_EQ(first.height, 150U);
  EXPECT_TRUE(is_red(first, 37, 112));
  EXPECT_FALSE(is_red(first, 37, 37));
  EXPECT_EQ(first.values[0], 255) << "paper is white";
  EXPECT_EQ(made->back().width, 150U);
  EXPECT_EQ(made->back().height, 300U);
  const auto fine = pages_of(made_pdf({square}), {.pdf_dpi = 300});
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->front().width, 600U);
}

TEST_F(pdf_test, is_turned_as_its_page_says) {
  const auto made = pages_of(made_pdf({{.marks = square.marks, .more = "/Rotate 90"}}));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->front().width, 150U);
  EXPECT_EQ(made->front().height, 300U);
  EXPECT_TRUE(is_red(made->front(), 37, 37));
}

TEST_F(pdf_test, is_refused_with_its_reason_when_it_is_over_a_bound) {
  EXPECT_THAT(refusal(made_pdf(std::vector<pdf_page>(21, square))),
              HasSubstr("21 pages are more than max_pages (20)"));
  EXPECT_THAT(refusal(made_pdf({{.media_box = "0 0 14400 14400"}})), HasSubstr("max_pixels"));
  EXPECT_THAT(refusal(made_pdf(std::vector<pdf_page>(9, {.media_box = "0 0 1400 1400"})), {.max_memory = 40 << 20}),
              HasSubstr("max_memory"));
  EXPECT_THAT(refusal(made_pdf({square}), {.max_time = std::chrono::milliseconds(1)}), HasSubstr("max_time"));
}

TEST_F(pdf_test, may_not_keep_its_renderer_busy) {
  // Each form draws the next ten times: 10^9 squares.
  std::vector<std::string> forms;
  for (std::size_t level = 0; level < 9; ++level) {
    std::string marks;
    for (int i = 0; i < 10; ++i)
      marks += "/F Do ";
    forms.push_back(form(marks, "/XObject<</F " + std::to_string(6 + level) + " 0 R>>"));
  }
  forms.push_back(form("0 0 1 1 re f"));
  const auto file = made_pdf({{.marks = "/F Do", .more = "/Resources<</XObject<</F 5 0 R>>>>"}}, forms);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal(file, {.max_time = std::chrono::milliseconds(700)}), HasSubstr("max_time (700 ms)"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST_F(pdf_test, is_refused_when_it_is_encrypted) {
  const std::string bytes = "<" + std::string(64, 'A') + ">";
  const auto file = made_pdf({square}, {},
                             "/ID[" + bytes + bytes + "]/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -4/O" + bytes
                                 + "/U" + bytes + ">>");
  EXPECT_THAT(refusal(file), HasSubstr("encrypted"));
}

TEST_F(pdf_test, is_refused_when_it_is_cut_off_or_damaged) {
  const auto whole = made_pdf({square, square});
  for (const std::size_t end : {5UL, 20UL, whole.size() / 2, whole.size() - 30})
    EXPECT_THAT(refusal(whole.substr(0, end)), HasSubstr("cut off"));
  EXPECT_THAT(refusal("%PDF-1.4\n%%EOF"), HasSubstr("damaged"));
  auto hollow = whole;
  hollow.replace(hollow.find("/Kids[3"), 7, "/Kids[9");
  EXPECT_THAT(refusal(hollow), AnyOf(HasSubstr("damaged"), HasSubstr("cannot be rendered"), HasSubstr("no pages")));
  EXPECT_THAT(refusal(made_pdf({})), AnyOf(HasSubstr("no pages"), HasSubstr("damaged")));
}

TEST_F(pdf_test, tells_no_more_of_a_damaged_file_than_that) {
  const auto told = refusal(made_pdf({{.marks = "(a secret) Tj learner-007"}}));
  EXPECT_THAT(told, ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(told, ::testing::Not(HasSubstr("007")));
}

TEST_F(pdf_test, ends_as_pages_or_with_a_reason_however_it_is_changed) {
  const char* asked = std::getenv("CHALK_MUTATIONS");
  const int count = asked != nullptr ? std::atoi(asked) : 40;
  const pdf_page words{.marks =
                           "BT /T 12 Tf 9 30 Td (Plants make sugar) Tj ET q 30 0 0 30 90 9 cm BI /W 2 /H 2 /CS /G "
                           "/BPC 8 ID aZ~0 EI Q",
                       .more = "/Resources<</Font<</T<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"};
  const auto whole = made_pdf({square, {.marks = "/F Do", .more = "/Resources<</XObject<</F 9 0 R>>>>"}, words},
                              {form("0 0 5 5 re f")});
  ASSERT_TRUE(pages_of(whole).ok()) << pages_of(whole).error().message;
  std::mt19937 random(7);
  int rendered = 0;
  for (int i = 0; i < count; ++i) {
    auto file = whole;
    for (auto changes = 1 + random() % 8; changes-- > 0;) {
      const auto at = 5 + random() % (file.size() - 5); // its kind stays
      switch (random() % 4) {
      case 0:
        file[at] = static_cast<char>(random());
        break;
      case 1:
        file[at] = static_cast<char>('0' + random() % 10);
        break;
      case 2:
        file.erase(at, 1 + random() % 20);
        break;
      default:
        file.insert(at, file.substr(5 + random() % (file.size() - 5), random() % 40));
      }
      if (file.size() < 20)
        break;
    }
    const auto made = pages_of(file, {.max_memory = 64 << 20, .max_time = std::chrono::seconds(3)});
    rendered += made.ok() ? 1 : 0;
    if (!made.ok())
      EXPECT_FALSE(made.error().message.empty());
    else
      EXPECT_FALSE(made->empty());
  }
  RecordProperty("rendered", rendered);
  EXPECT_LT(rendered, count);
}

} // namespace
} // namespace chalkstream::image

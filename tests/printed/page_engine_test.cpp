#include "models/printed/engine_pool.hpp"
#include "models/printed/page_engine.hpp"
#include "models/printed/printed_model.hpp"
#include "tests/printed/page_bitmap.hpp"

#include <array>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace chalkstream::printed {
namespace {

using ::testing::HasSubstr;

engine_settings english() {
  return {.data = "/usr/share/tesseract-ocr/5/tessdata"};
}

class page_engine_test : public ::testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(english().data / "eng.traineddata"))
      GTEST_SKIP() << "no English data: install tesseract-ocr-eng";
    std::ifstream in("tests/printed/goldens/pages.json");
    truth_ = nlohmann::json::parse(in);
  }

  static page_reading read(const picture& page, engine_settings with = english()) {
    auto engine = page_engine::make(with);
    if (!engine)
      throw std::runtime_error(engine.error().message);
    auto found = engine->read(page);
    if (!found)
      throw std::runtime_error(found.error().message);
    return std::move(*found);
  }

  nlohmann::json truth_;
};

std::uint32_t right(const picture_box& box) {
  return box.left + box.width;
}

std::uint32_t bottom(const picture_box& box) {
  return box.top + box.height;
}

TEST_F(page_engine_test, reads_the_lines_and_tells_paragraphs) {
  const auto found = read(page_bitmap("paragraphs"));
  const auto& lines = truth_.at("paragraphs");
  ASSERT_EQ(found.lines.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ(found.lines[i].text, lines[i][0].get<std::string>());
  EXPECT_FALSE(found.lines[0].begins_paragraph);
  EXPECT_TRUE(found.lines[1].begins_paragraph);
  EXPECT_FALSE(found.lines[2].begins_paragraph);
  EXPECT_FALSE(found.cut);
}

TEST_F(page_engine_test, says_where_lines_and_words_stand_and_how_sure_it_is) {
  const auto found = read(page_bitmap("paragraphs"));
  const auto& lines = truth_.at("paragraphs");
  ASSERT_EQ(found.lines.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = found.lines[i];
    EXPECT_NEAR(line.box.left, lines[i][1].get<double>(), 3);
    EXPECT_NEAR(line.box.top, lines[i][2].get<double>(), 3);
    EXPECT_NEAR(right(line.box), lines[i][3].get<double>(), 3);
    EXPECT_NEAR(bottom(line.box), lines[i][4].get<double>(), 3);
    EXPECT_GT(line.confidence, 0.8);
    std::string words;
    for (const auto& word : line.words) {
      words += (words.empty() ? "" : " ") + word.text;
      EXPECT_GE(word.box.left, line.box.left);
      EXPECT_LE(right(word.box), right(line.box));
      EXPECT_GE(word.box.top, line.box.top);
      EXPECT_LE(bottom(word.box), bottom(line.box));
      EXPECT_GT(word.confidence, 0);
      EXPECT_LE(word.confidence, 1);
    }
    EXPECT_EQ(words, line.text);
  }
}

TEST_F(page_engine_test, reads_grey_pages_as_coloured_ones) {
  const auto grey = read(page_bitmap("turned", 1));
  const auto coloured = read(page_bitmap("turned", 3));
  ASSERT_EQ(grey.lines.size(), 1U);
  EXPECT_EQ(grey.lines[0].text, truth_.at("turned")[0][0].get<std::string>());
  ASSERT_EQ(coloured.lines.size(), 1U);
  EXPECT_EQ(coloured.lines[0].text, grey.lines[0].text);
}

TEST_F(page_engine_test, finds_nothing_where_there_is_nothing) {
  for (const auto& [width, height] : {std::pair{1U, 1U}, {2U, 400U}, {3U, 3U}, {400U, 300U}}) {
    const picture white{width, height, 3, std::vector<std::uint8_t>(std::size_t{width} * height * 3, 255)};
    EXPECT_TRUE(read(white).lines.empty()) << width << " x " << height;
  }
}

TEST_F(page_engine_test, stops_when_its_time_is_over) {
  picture dense{1200, 1600, 1, {}};
  dense.values.resize(dense.width * dense.height);
  std::uint32_t state = 1;
  for (auto& value : dense.values) // specks that look like many small letters
    value = ((state = state * 1664525U + 1013904223U) >> 28U) == 0 ? 0 : 255;
  auto hasty = english();
  hasty.max_time = std::chrono::milliseconds(1);
  const auto began = std::chrono::steady_clock::now();
  const auto found = read(dense, hasty);
  EXPECT_TRUE(found.cut);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60));
}

TEST_F(page_engine_test, refuses_what_is_no_page) {
  auto engine = page_engine::make(english());
  ASSERT_TRUE(engine.ok());
  EXPECT_EQ(engine->read({10, 10, 3, std::vector<std::uint8_t>(10)}).error().code, errc::invalid_argument);
  EXPECT_EQ(engine->read({2, 2, 2, std::vector<std::uint8_t>(8)}).error().code, errc::invalid_argument);
  const picture strip{40'000, 1, 1, std::vector<std::uint8_t>(40'000)};
  EXPECT_THAT(engine->read(strip).error().message, HasSubstr("40000 x 1"));
}

TEST_F(page_engine_test, names_the_folder_and_language_whose_data_are_missing) {
  const auto none = page_engine::make({.data = "/nowhere", .languages = {"eng", "xyz"}});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, errc::not_found);
  EXPECT_THAT(none.error().message, HasSubstr("/nowhere"));
  EXPECT_THAT(none.error().message, HasSubstr("eng+xyz"));
}

std::size_t threads() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

TEST_F(page_engine_test, computes_on_the_callers_thread_alone) {
  std::thread([] { // a thread of its own: OpenMP keeps the helpers that others have called
    const auto before = threads();
    EXPECT_FALSE(read(page_bitmap("paragraphs")).lines.empty());
    EXPECT_EQ(threads(), before);
  })
      .join();
}

TEST_F(page_engine_test, serves_many_threads_with_an_engine_each) {
  auto pool = engine_pool::make(english());
  ASSERT_TRUE(pool.ok());
  const printed_model model(std::move(*pool),
                            std::make_shared<const model_identity>(model_identity{"print", "1", "d"}));
  sequence one, other;
  one.image = std::make_shared<const picture>(page_bitmap("paragraphs"));
  other.image = std::make_shared<const picture>(page_bitmap("turned"));
  std::array<result<output_rows>, 4> made{error{}, error{}, error{}, error{}};
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < made.size(); ++i)
    readers.emplace_back([&, i] {
      const std::array<const sequence*, 2> batch{i % 2 == 0 ? &one : &other, i % 2 == 0 ? &other : &one};
      made[i] = model.run(batch, nullptr);
    });
  for (auto& reader : readers)
    reader.join();
  for (std::size_t i = 0; i < made.size(); ++i) {
    ASSERT_TRUE(made[i].ok()) << made[i].error().message;
    ASSERT_EQ(made[i]->readings.size(), 2U);
    EXPECT_EQ(made[i]->size(), 0U);
    EXPECT_EQ(made[i]->readings[i % 2].lines.size(), 3U);
    EXPECT_EQ(made[i]->readings[1 - i % 2].lines.size(), 1U);
  }
}

TEST_F(page_engine_test, answers_what_is_no_picture_with_an_error) {
  auto pool = engine_pool::make(english());
  ASSERT_TRUE(pool.ok());
  const printed_model model(std::move(*pool), nullptr);
  const sequence text{{1, 2, 3}, {}};
  const std::array<const sequence*, 1> batch{&text};
  EXPECT_EQ(model.run(batch, nullptr).error().code, errc::invalid_argument);
}

} // namespace
} // namespace chalkstream::printed

// Recognition by a model that reads: the pages it is given, and what becomes of its reading.
#include "pipelines/page_reader.hpp"
#include "pipelines/recognition.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <simdjson.h>

namespace chalkstream::pipelines {
namespace {

/// An uncompressed file of one bit a pixel, all of it white, rows of up to 32 pixels.
std::string white_bitmap(std::uint8_t width, std::uint8_t height) {
  std::string file{"BM\0\0\0\0\0\0\0\0\76\0\0\0\50\0\0\0", 18};
  const auto add = [&file](std::uint8_t value, int bytes) {
    file += static_cast<char>(value);
    file.append(static_cast<std::size_t>(bytes - 1), '\0');
  };
  add(width, 4);
  add(height, 4);
  add(1, 2);
  add(1, 2);
  file.append(16, '\0');
  add(2, 4);
  add(0, 4);
  file.append(std::string{"\0\0\0\0\xff\xff\xff\0", 8});
  file.append(static_cast<std::size_t>(height) * 4, '\xff');
  return file;
}

read_line line(std::string text, double confidence, bool paragraph = false) {
  return {text, {2, 3, 20, 5}, confidence, {{std::move(text), {2, 3, 20, 5}, confidence}}, paragraph};
}

output_rows reading(std::vector<page_reading> pages) {
  output_rows rows;
  rows.readings = std::move(pages);
  return rows;
}

class reading_task_test : public task_fixture {
protected:
  recognition task(double review_below = unsure_reading) const {
    return recognition{
        {.task = settings(),
         .model = {.index = 2,
                   .identity = std::make_shared<const model_identity>(model_identity{"print", "1", "d"}),
                   .pictures = nullptr,
                   .labels = {}},
         .source = image_source::make({}, 100'000).value(),
         .limits = {},
         .review_below = review_below}};
  }

  static record page() {
    auto input = record_of(white_bitmap(30, 12));
    input.headers = {
        {"content-type", "image/bmp"}, {"ce_id", "s-1"}, {"ce_tenant", "t"}, {"ce_learner", "learner-007"}};
    return input;
  }

  std::string answer(const output_rows& rows) {
    const auto steps = task();
    auto next = expect_step<work>(steps.prepare(page()));
    return expect_step<reply>(steps.complete(page(), std::move(next), rows, {})).value;
  }
};

TEST_F(reading_task_test, gives_the_model_the_page_as_it_is) {
  const auto next = expect_step<work>(task().prepare(page()));
  EXPECT_EQ(next.model, 2U);
  ASSERT_EQ(next.sequences.size(), 1U);
  ASSERT_TRUE(next.sequences[0].image);
  EXPECT_EQ(next.sequences[0].image->width, 30U);
  EXPECT_EQ(next.sequences[0].image->height, 12U);
  EXPECT_EQ(next.sequences[0].image->channels, 3U);
  EXPECT_GE(next.tokens(), 1U);
}

TEST_F(reading_task_test, answers_with_text_lines_and_places) {
  const auto value =
      answer(reading({{{line("Plants make", 0.9), line("sugar.", 0.8), line("Yes.", 0.95, true)}, false}}));
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(value);
  EXPECT_EQ(std::string_view{root["text"]}, "Plants make\nsugar.\n\nYes.");
  EXPECT_NEAR(double{root["confidence"]}, (0.9 * 11 + 0.8 * 6 + 0.95 * 4) / 21, 1e-9);
  EXPECT_EQ(std::string_view{root["decision"]}, "auto");
  const simdjson::dom::element shown = root["pages"].at(0);
  EXPECT_EQ(std::uint64_t{shown["width"]}, 30U);
  EXPECT_EQ(std::uint64_t{shown["height"]}, 12U);
  EXPECT_EQ(std::string_view{shown["lines"].at(1)["text"]}, "sugar.");
  EXPECT_EQ(simdjson::minify(shown["lines"].at(1)["box"]), "[2,3,20,5]");
  EXPECT_EQ(simdjson::minify(shown["lines"].at(1)["words"]),
            R"([{"text":"sugar.","confidence":0.8,"box":[2,3,20,5]}])");
  EXPECT_EQ(std::string_view{root["model"]["name"]}, "print");
  EXPECT_TRUE(root["label"].error()) << "what was read has no class";
}

TEST_F(reading_task_test, lets_a_person_look_where_there_is_no_text) {
  const auto value = answer(reading({{}}));
  EXPECT_TRUE(has(value, R"("text":"")"));
  EXPECT_TRUE(has(value, R"("confidence":null)"));
  EXPECT_TRUE(has(value, R"("decision":"review")"));
  EXPECT_TRUE(has(value, "no text was found"));
}

TEST_F(reading_task_test, lets_a_person_look_at_an_unsure_reading_and_at_one_that_was_cut) {
  EXPECT_TRUE(has(answer(reading({{{line("Pl4nts", 0.4)}, false}})), "confidence 0.40 is below 0.70"));
  const auto value = answer(reading({{{line("Plants", 0.95)}, true}}));
  EXPECT_TRUE(has(value, "page 1 was not read to its end"));
  EXPECT_TRUE(has(value, R"("decision":"review")"));
}

TEST_F(reading_task_test, calls_an_output_without_readings_unusable) {
  const auto steps = task();
  for (const auto& rows : {reading({}), reading({{}, {}}), output_rows{3, {1, 2, 3}}}) {
    auto next = expect_step<work>(steps.prepare(page()));
    EXPECT_EQ(expect_step<rejection>(steps.complete(page(), std::move(next), rows, {})).reason,
              reject_reason::model_failed);
  }
}

TEST(page_reader_test, is_as_sure_as_of_the_least_certain_page_that_has_text) {
  std::vector<sequence> ask;
  const picture page{4, 4, 3, std::vector<std::uint8_t>(48)};
  const auto asked = ask_to_read({page, page, page}, page_split::whole, ask);
  ASSERT_TRUE(asked);
  ASSERT_EQ(ask.size(), 3U);
  const std::vector<page_reading> pages{{{line("one", 0.9)}, false}, {}, {{line("two", 0.5)}, false}};
  const auto found = read_pages(*asked, pages);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, "one\n\ntwo");
  EXPECT_EQ(found->confidence, 0.5);
  EXPECT_EQ(found->pages.size(), 3U);
  EXPECT_TRUE(found->reasons.empty());
}

TEST(page_reader_test, refuses_a_page_that_is_longer_than_readers_count) {
  std::vector<sequence> ask;
  const auto asked = ask_to_read({picture{40'000, 1, 3, std::vector<std::uint8_t>(120'000)}}, page_split::whole, ask);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, errc::out_of_memory);
  EXPECT_TRUE(has(asked.error().message, "40000 x 1"));
}

} // namespace
} // namespace chalkstream::pipelines

// Grading of answers on scans: read, then judged as if their text had come in the event.
#include "core/base64.hpp"
#include "pipelines/grading.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <simdjson.h>

namespace chalkstream::pipelines {
namespace {

constexpr std::string_view reference =
    "The metal loses electrons and the non-metal gains electrons, so opposite charges attract.";

/// White, 8 by 8 pixels of one bit.
std::string white_page() {
  std::string file{"BM\x5e\0\0\0\0\0\0\0\x3e\0\0\0\x28\0\0\0\x8\0\0\0\x8\0\0\0\1\0\1\0", 30};
  file.append(24, '\0');
  file.replace(46, 1, "\2");
  file += std::string{"\0\0\0\0\xff\xff\xff\0", 8};
  for (int row = 0; row < 8; ++row)
    file += std::string{"\xff\0\0\0", 4};
  return file;
}

class scan_grading_test : public task_fixture {
protected:
  static grading task(page_split split = page_split::whole) {
    return grading{
        {.task = settings(),
         .encoder = encoder(),
         .answer_model = {},
         .essay_model = {},
         .scans =
             scan_reading{
                 .reader = {1, std::make_shared<const model_identity>(model_identity{"print", "2", "r"}), split},
                 .source = image_source::make({}, 100'000).value(),
                 .limits = {},
                 .review_below = 0.7},
         .review_below = {}}};
  }

  static record scan(std::string_view extra) {
    return record_of(
        R"({"id":"s-1","tenant":"t","learner":"learner-007","type":"image","priority":"exam","max_score":4,)"
        R"("image":{"data":")"
        + encode_base64(white_page()) + R"("})" + std::string{extra} + "}");
  }
  static record answered_scan() { return scan(R"(,"references":[")" + std::string{reference} + R"("])"); }

  static output_rows reading(std::string text, double confidence) {
    output_rows rows;
    rows.readings.push_back({{{std::move(text), {0, 0, 8, 8}, confidence}}, false});
    return rows;
  }

  /// Through the reader, and through the encoder where that is asked.
  static reply grade(const grading& steps, const record& input, const output_rows& read) {
    auto next = expect_step<work>(steps.prepare(input));
    EXPECT_EQ(next.model, 1U);
    auto step = steps.complete(input, std::move(next), read, timing{.compute = 0.5, .total = 0.75});
    if (auto* answer = std::get_if<reply>(&step))
      return std::move(*answer);
    next = expect_step<work>(std::move(step));
    EXPECT_EQ(next.model, 2U);
    EXPECT_EQ(next.urgency, priority::exam);
    const auto rows = embed(next.sequences);
    return expect_step<reply>(steps.complete(input, std::move(next), rows, {}));
  }
};

TEST_F(scan_grading_test, grades_the_text_that_was_read_as_if_it_had_been_sent) {
  const auto given = grade(task(), answered_scan(), reading(std::string{reference}, 0.95));
  EXPECT_FALSE(given.review) << given.value;
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  for (const std::string_view part :
       {R"("score":4)", R"("label":"correct")", R"("decision":"auto")", R"("reading_confidence":0.95)",
        R"("reader":{"name":"print","version":"2","digest":"r"})", R"("text":"The metal loses electrons)"})
    EXPECT_TRUE(has(given.value, part)) << part << " in " << given.value;
}

TEST_F(scan_grading_test, lets_a_person_look_at_a_grade_that_rests_on_an_unsure_reading) {
  const auto given = grade(task(), answered_scan(), reading(std::string{reference}, 0.55));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, R"("decision":"review")"));
  EXPECT_TRUE(has(given.value, "the reader's confidence 0.55 is below 0.70"));
  EXPECT_TRUE(has(given.value, R"("score":4)")) << "the score it would have";
}

TEST_F(scan_grading_test, lets_a_person_look_where_there_is_no_text_or_no_reference) {
  output_rows nothing;
  nothing.readings.emplace_back();
  const auto empty = grade(task(), answered_scan(), nothing);
  EXPECT_TRUE(empty.review);
  EXPECT_TRUE(has(empty.value, "no text was found"));
  EXPECT_TRUE(has(empty.value, R"("score":null)"));
  EXPECT_TRUE(has(empty.value, R"("compute":0.5)")) << "the reader's time counts";
  const auto alone = grade(task(), scan(""), reading("Plants make sugar.", 0.9));
  EXPECT_TRUE(has(alone.value, "no reference answer came with the event"));
}

TEST_F(scan_grading_test, answers_at_once_where_no_line_is_found) {
  const auto steps = task(page_split::lines);
  const auto given = expect_step<reply>(steps.prepare(answered_scan()));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "no text was found"));
}

TEST_F(scan_grading_test, answers_the_same_when_reading_is_tried_again) {
  const auto steps = task();
  const auto next = expect_step<work>(steps.prepare(answered_scan()));
  for (int i = 0; i < 2; ++i) {
    const auto again =
        expect_step<work>(steps.complete(answered_scan(), next, reading(std::string{reference}, 0.95), {}));
    EXPECT_GE(again.sequences.size(), 2U);
  }
}

TEST_F(scan_grading_test, grades_texts_as_ever_beside_scans) {
  const auto steps = task();
  const auto input = record_of(
      event_json("short_answer", std::string{reference}, R"("references":[")" + std::string{reference} + R"("])"));
  auto next = expect_step<work>(steps.prepare(input));
  EXPECT_EQ(next.model, 2U);
  const auto rows = embed(next.sequences);
  const auto given = expect_step<reply>(steps.complete(input, std::move(next), rows, {}));
  EXPECT_FALSE(has(given.value, "reading_confidence"));
}

TEST_F(scan_grading_test, refuses_what_is_no_image_and_scans_where_nothing_reads_them) {
  auto broken = record_of(R"({"id":"s-1","tenant":"t","learner":"l","type":"image","image":{"data":"AAAA"}})");
  EXPECT_EQ(expect_step<rejection>(task().prepare(broken)).reason, reject_reason::unreadable_image);
  const grading texts_alone{
      {.task = settings(), .encoder = encoder(), .answer_model = {}, .essay_model = {}, .review_below = {}}};
  EXPECT_EQ(expect_step<rejection>(texts_alone.prepare(answered_scan())).reason, reject_reason::unknown_type);
}

TEST_F(scan_grading_test, calls_an_output_that_is_no_reading_unusable) {
  const auto steps = task();
  auto next = expect_step<work>(steps.prepare(answered_scan()));
  EXPECT_EQ(expect_step<rejection>(steps.complete(answered_scan(), std::move(next), {}, {})).reason,
            reject_reason::model_failed);
}

} // namespace
} // namespace chalkstream::pipelines

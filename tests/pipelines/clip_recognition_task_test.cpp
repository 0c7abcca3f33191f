#include "pipelines/clip_recognition.hpp"

#include "core/base64.hpp"
#include "tests/pipelines/task_fixture.hpp"
#include "tests/video/clip_writer.hpp"
#include "tests/video/scenes.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <simdjson.h>
#include <stdlib.h>

namespace chalkstream::pipelines {
namespace {

/// Slides of 20 frames each.
std::string clip_of(std::size_t slides) {
  return test::write_clip({}, slides * 20, [](std::size_t frame) { return test::slide(frame / 20, frame); });
}

class clip_recognition_test : public task_fixture {
protected:
  void SetUp() override {
    char name[] = "/tmp/chalkstream-clips-XXXXXX";
    folder_ = ::mkdtemp(name);
    std::ofstream{folder_ / "preprocessor_config.json"}
        << R"({"image_processor_type":"ViTImageProcessor","do_resize":true,"size":{"height":9,"width":16},"resample":2,
               "do_rescale":true,"rescale_factor":0.00392156862745098,"do_normalize":false})";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  clip_recognition task(double review_below = 0.5, video::clip_limits limits = {}) const {
    auto pictures = image::preprocessor::read(folder_);
    return clip_recognition{
        {.task = settings(),
         .model = {.index = 3,
                   .identity = std::make_shared<const model_identity>(model_identity{"scenes", "1", "d"}),
                   .pictures = std::make_shared<const image::preprocessor>(std::move(pictures).value()),
                   .tokens = 5,
                   .labels = {"slide", "board"}},
         .source = image_source::make({folder_}, 1 << 20, submitted_kind::video).value(),
         .limits = limits,
         .review_below = review_below}};
  }

  static record as_record(std::string clip) {
    auto input = record_of(std::move(clip));
    input.headers = {
        {"content-type", "video/mp4"}, {"ce_id", "c-1"}, {"ce_tenant", "t"}, {"ce_learner", "learner-007"}};
    return input;
  }

  static std::string event_with(std::string_view video) {
    return R"({"id":"c-1","tenant":"t","learner":"learner-007","type":"video","priority":"exam","video":)"
           + std::string{video} + "}";
  }

  /// Answers as a model would: each further picture is less of a "slide".
  static output_rows look(const work& at, std::size_t& seen) {
    output_rows rows{2, {}};
    for (std::size_t i = 0; i < at.sequences.size(); ++i, ++seen)
      rows.values.insert(rows.values.end(), {static_cast<float>(3 - static_cast<int>(seen)), 0});
    return rows;
  }

  static std::string header_of(const std::vector<header>& headers, std::string_view name) {
    for (const auto& h : headers)
      if (h.name == name)
        return h.value.value_or("");
    return {};
  }

  std::filesystem::path folder_;
};

TEST_F(clip_recognition_test, answers_each_segment_in_its_place_and_then_the_whole) {
  const auto steps = task(0.8);
  const auto input = as_record(clip_of(3));
  auto next = expect_step<work>(steps.prepare(input));
  ASSERT_EQ(next.sequences.size(), 3u);
  EXPECT_EQ(next.model, 3u);
  EXPECT_EQ(next.tokens(), 15u);
  EXPECT_EQ(next.sequences[0].image->width, 16u);
  std::size_t seen = 0;
  const auto rows = look(next, seen);
  const auto given = expect_step<reply>(steps.complete(input, std::move(next), rows, {}));
  EXPECT_TRUE(given.review) << "one segment is not certain";
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  ASSERT_EQ(given.earlier.size(), 3u);
  simdjson::dom::parser parser;
  std::string summary_id;
  {
    const simdjson::dom::element root = parser.parse(given.value);
    summary_id = std::string_view{root["id"]};
    EXPECT_NEAR(double{root["duration"]}, 2.4, 0.001);
    EXPECT_EQ(std::uint64_t{root["frames"]}, 60u);
    EXPECT_EQ(std::uint64_t{root["width"]}, test::scene_width);
    ASSERT_EQ(simdjson::dom::array{root["segments"]}.size(), 3u);
    EXPECT_NEAR(double{root["segments"].at(1)["start"]}, 0.8, 0.001);
    EXPECT_EQ(std::string_view{root["segments"].at(1)["label"]}, "slide");
    EXPECT_NEAR(double{root["confidence"]}, 0.731, 0.001);
    EXPECT_EQ(std::string_view{root["decision"]}, "review");
    EXPECT_EQ(header_of(given.headers, "ce_type"), "org.chalkstream.video");
    EXPECT_EQ(header_of(given.headers, "ce_id"), summary_id);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& part = given.earlier[i];
    const simdjson::dom::element root = parser.parse(part.value);
    const auto id = summary_id + "-" + std::to_string(i + 1);
    EXPECT_EQ(std::string_view{root["id"]}, id);
    EXPECT_EQ(header_of(part.headers, "ce_id"), id);
    EXPECT_EQ(header_of(part.headers, "ce_type"), "org.chalkstream.video.segment");
    EXPECT_EQ(std::string_view{root["event"]}, "c-1");
    EXPECT_EQ(std::uint64_t{root["segment"]["position"]}, i + 1);
    EXPECT_EQ(std::uint64_t{root["segment"]["of"]}, 3u);
    EXPECT_NEAR(double{root["segment"]["start"]}, 0.8 * static_cast<double>(i), 0.001);
    EXPECT_NEAR(double{root["segment"]["end"]}, 0.8 * static_cast<double>(i + 1), 0.001);
    EXPECT_EQ(std::string_view{root["label"]}, "slide");
    EXPECT_EQ(std::string_view{root["decision"]}, i == 2 ? "review" : "auto") << root["confidence"];
    EXPECT_EQ(std::string_view{root["model"]["name"]}, "scenes");
  }
}

TEST_F(clip_recognition_test, shows_the_model_a_few_frames_at_a_time) {
  const auto steps = task();
  const auto input = as_record(clip_of(20));
  auto next = expect_step<work>(steps.prepare(input));
  ASSERT_EQ(next.sequences.size(), 16u);
  std::size_t seen = 0;
  const auto first = look(next, seen);
  auto then = expect_step<work>(steps.complete(input, next, first, {}));
  EXPECT_EQ(expect_step<work>(steps.complete(input, next, first, {})).sequences.size(), 4u) << "tried again";
  ASSERT_EQ(then.sequences.size(), 4u);
  const auto last = look(then, seen);
  const auto given = expect_step<reply>(steps.complete(input, then, last, {}));
  const auto again = expect_step<reply>(steps.complete(input, then, last, {}));
  ASSERT_EQ(given.earlier.size(), 20u);
  EXPECT_TRUE(has(given.earlier[0].value, R"("label":"slide")"));
  EXPECT_TRUE(has(given.earlier[19].value, R"("label":"board")"));
  EXPECT_EQ(again.value, given.value);
}

TEST_F(clip_recognition_test, takes_clips_from_events_and_folders) {
  const auto steps = task();
  const auto file = clip_of(2);
  std::ofstream{folder_ / "one.mp4", std::ios::binary} << file;
  for (const auto& video : {R"({"data":")" + encode_base64(file) + R"("})",
                            R"({"uri":"file://)" + folder_.string() + R"(/one.mp4","media_type":"video/webm"})"}) {
    const auto next = expect_step<work>(steps.prepare(record_of(event_with(video))));
    EXPECT_EQ(next.sequences.size(), 2u);
    EXPECT_EQ(next.urgency, priority::exam);
  }
  const auto refused = expect_step<rejection>(
      steps.prepare(record_of(event_with(R"({"uri":"file://)" + folder_.string() + R"(/../other.mp4"})"))));
  EXPECT_EQ(refused.reason, reject_reason::unreachable_video);
  EXPECT_TRUE(has(refused.detail, "video.uri")) << refused.detail;
}

TEST_F(clip_recognition_test, refuses_what_is_no_clip_or_costs_too_much) {
  const auto why = [](const clip_recognition& steps, std::string bytes) {
    return expect_step<rejection>(steps.prepare(as_record(std::move(bytes)))).reason;
  };
  EXPECT_EQ(why(task(), "hello"), reject_reason::unreadable_video);
  EXPECT_EQ(why(task(), clip_of(1).substr(0, 900)), reject_reason::unreadable_video);
  EXPECT_EQ(why(task(0.5, {.max_frames = 10}), clip_of(1)), reject_reason::video_too_large);
  EXPECT_EQ(expect_step<rejection>(task().prepare(record_of(event_with("{}")))).reason, reject_reason::missing_field);
  EXPECT_EQ(expect_step<rejection>(
                task().prepare(record_of(R"({"id":"1","learner":"l","type":"image","image":{"data":"Zm9v"}})")))
                .reason,
            reject_reason::unknown_type);
}

TEST_F(clip_recognition_test, refuses_rows_no_label_can_be_read_from) {
  const auto steps = task();
  const auto input = as_record(clip_of(1));
  const auto next = expect_step<work>(steps.prepare(input));
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& rows : {output_rows{3, {0, 1, 0}}, output_rows{2, {0, nan}}, output_rows{2, {0, 1, 2, 0}}})
    EXPECT_EQ(expect_step<rejection>(steps.complete(input, next, rows, {})).where, stage::complete);
}

} // namespace
} // namespace chalkstream::pipelines

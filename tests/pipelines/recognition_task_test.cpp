#include "core/base64.hpp"
#include "education/digest.hpp"
#include "models/image/png_file.hpp"
#include "pipelines/probabilities.hpp"
#include "pipelines/recognition.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <simdjson.h>
#include <stdlib.h>

namespace chalkstream::pipelines {
namespace {

/// A bitmap of 2 by 2 pixels, 24 bits each: blue, green / red, white, from below.
std::string bitmap() {
  const unsigned char bytes[] = {'B', 'M', 70, 0,  0,   0, 0,  0,  0, 0, 54,  0,   0,   0,   40, 0, 0,  0,
                                 2,   0,   0,  0,  2,   0, 0,  0,  1, 0, 24,  0,   0,   0,   0,  0, 16, 0,
                                 0,   0,   19, 11, 0,   0, 19, 11, 0, 0, 0,   0,   0,   0,   0,  0, 0,  0,
                                 255, 0,   0,  0,  255, 0, 0,  0,  0, 0, 255, 255, 255, 255, 0,  0};
  return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

class recognition_test : public task_fixture {
protected:
  void SetUp() override {
    char name[] = "/tmp/chalkstream-recognition-XXXXXX";
    folder_ = ::mkdtemp(name);
    std::filesystem::create_directories(folder_ / "scans" / "deeper");
    std::filesystem::create_directories(folder_ / "scans-of-others");
    write("preprocessor_config.json",
          R"({"image_processor_type":"ViTImageProcessor","do_resize":true,"size":{"height":2,"width":2},"resample":2,
              "do_rescale":true,"rescale_factor":0.00392156862745098,"do_normalize":true,
              "image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]})");
    write("scans/one.bmp", bitmap());
    write("scans/deeper/a b.bmp", bitmap());
    write("scans-of-others/one.bmp", bitmap());
    std::filesystem::create_symlink(folder_ / "scans-of-others" / "one.bmp", folder_ / "scans" / "away.bmp");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream{folder_ / name, std::ios::binary} << content;
  }

  recognition task(double review_below = 0.5) const {
    auto pictures = image::preprocessor::read(folder_);
    return recognition{
        {.task = settings(),
         .model = {.index = 3,
                   .identity = std::make_shared<const model_identity>(model_identity{"digits", "1", "d"}),
                   .pictures = std::make_shared<const image::preprocessor>(std::move(pictures).value()),
                   .tokens = 5,
                   .labels = {"zero", "one", "two"}},
         .source = image_source::make({folder_ / "scans"}, 1000).value(),
         .limits = {},
         .review_below = review_below}};
  }

  /// With a model that writes to pictures.
  recognition reading(double review_below = 0.5, page_split split = page_split::whole) const {
    auto pictures = image::preprocessor::read(folder_);
    writing_settings with;
    with.unit = prompt_unit::picture;
    with.generation.beams = 2;
    auto writer = text_writer::make(encoder(), std::move(with));
    EXPECT_TRUE(writer) << writer.error().message;
    return recognition{
        {.task = settings(),
         .model = {.index = 3,
                   .identity = encoder().identity,
                   .pictures = std::make_shared<const image::preprocessor>(std::move(pictures).value()),
                   .split = split,
                   .tokens = 5,
                   .labels = {},
                   .writer = std::move(*writer)},
         .source = image_source::make({folder_ / "scans"}, 1000).value(),
         .limits = {},
         .review_below = review_below}};
  }

  /// With a model that finds regions.
  recognition finding(double review_below = 0.5) const {
    auto pictures = image::preprocessor::read(folder_);
    return recognition{
        {.task = settings(),
         .model = {.index = 3,
                   .identity = std::make_shared<const model_identity>(model_identity{"finder", "1", "d"}),
                   .pictures = std::make_shared<const image::preprocessor>(std::move(pictures).value()),
                   .tokens = 5,
                   .labels = {"figure", "table"},
                   .regions_above = 0.5},
         .source = image_source::make({folder_ / "scans"}, 1000).value(),
         .limits = {},
         .review_below = review_below}};
  }

  /// What a model wrote, of which each token had this probability.
  static written_text wrote(std::string_view text, double probability, bool cut = false) {
    written_text made;
    made.ids = encoder().tokenizer->encode(text, {.offsets = false}).value().ids;
    made.log_probability = static_cast<double>(made.ids.size()) * std::log(probability);
    made.cut = cut;
    return made;
  }

  static std::string event_with(std::string_view image) {
    return R"({"id":"s-1","tenant":"t","learner":"learner-007","type":"image","priority":"exam","image":)"
           + std::string{image} + "}";
  }
  std::string event_at(std::string_view path) const {
    return event_with(R"({"uri":"file://)" + folder_.string() + std::string{path} + R"("})");
  }

  std::filesystem::path folder_;
};

TEST_F(recognition_test, sees_a_record_that_is_an_image) {
  const auto steps = task();
  auto input = record_of(bitmap());
  input.headers = {
      {"content-type", "image/bmp"}, {"ce_id", "s-1"}, {"ce_tenant", "t"}, {"ce_learner", "learner-007"}};
  auto next = expect_step<work>(steps.prepare(input));
  ASSERT_EQ(next.sequences.size(), 1u);
  ASSERT_TRUE(next.sequences[0].image);
  EXPECT_EQ(next.sequences[0].image->values,
            (std::vector<std::uint8_t>{255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 255, 0}));
  EXPECT_EQ(next.tokens(), 5u);
  EXPECT_EQ(next.model, 3u);
  const auto given = expect_step<reply>(steps.complete(input, std::move(next), {3, {0, 4, 1}}, {}));
  EXPECT_FALSE(given.review);
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(given.value);
  EXPECT_EQ(std::string_view{root["label"]}, "one");
  EXPECT_NEAR(double{root["confidence"]}, 0.936, 0.001);
  EXPECT_EQ(std::string_view{root["pages"].at(0)["label"]}, "one");
  EXPECT_EQ(std::string_view{root["model"]["name"]}, "digits");
  EXPECT_EQ(std::string_view{root["decision"]}, "auto");
}

TEST_F(recognition_test, answers_the_same_when_a_step_is_tried_again) {
  const auto steps = task();
  const auto input = record_of(event_at("/scans/one.bmp"));
  const auto next = expect_step<work>(steps.prepare(input));
  const auto first = expect_step<reply>(steps.complete(input, next, {3, {0, 4, 1}}, {}));
  const auto again = expect_step<reply>(steps.complete(input, next, {3, {0, 4, 1}}, {}));
  EXPECT_EQ(again.value, first.value);
  EXPECT_EQ(again.key, first.key);
}

TEST_F(recognition_test, says_what_is_on_a_page_and_where) {
  const auto steps = finding();
  picture page{40, 20, 3, std::vector<std::uint8_t>(2400, 200)};
  write("scans/page.png", image::png_file(page).value());
  const auto input = record_of(event_at("/scans/page.png"));
  const auto next = expect_step<work>(steps.prepare(input));
  ASSERT_EQ(next.sequences.size(), 1u);
  // Of each guess figure, table, nothing; centre, width and height.
  const std::vector<float> guesses{0, 1,    0,     0.5F,  0.5F, 0.5F, 0.5F, // a table, at 0.576
                                   0, 0,    5,     0.5F,  0.5F, 1,    1,    // nothing
                                   3, 0,    0,     0.25F, 0,    0.1F, 0.6F, // a figure, at 0.909, over the upper edge
                                   0, 3.5F, 0,     1.5F,  0.9F, 0.1F, 0.01F, // a table, at 0.943, beside the page
                                   0, 0.2F, -0.2F, 0.5F,  0.5F, 0.1F, 0.1F}; // not likely enough
  const output_rows rows{guesses.size(), guesses};
  const auto given = expect_step<reply>(steps.complete(input, next, rows, {}));
  EXPECT_FALSE(given.review) << given.value;
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(given.value);
  const auto expect_region = [&](std::size_t i, std::string_view label, double confidence, const char* box) {
    const auto region = root["regions"].at(i);
    EXPECT_EQ(std::int64_t{region["page"]}, 1);
    EXPECT_EQ(std::string_view{region["label"]}, label);
    EXPECT_NEAR(double{region["confidence"]}, confidence, 0.001);
    EXPECT_EQ(simdjson::minify(region["box"].value()), box) << i;
  };
  ASSERT_EQ(simdjson::dom::array{root["regions"]}.size(), 3u);
  expect_region(0, "table", 0.943, "[39,18,1,1]");
  expect_region(1, "figure", 0.909, "[8,0,4,6]");
  expect_region(2, "table", 0.576, "[10,5,20,10]");
  EXPECT_NEAR(double{root["confidence"]}, 0.576, 0.001);
  EXPECT_EQ(std::int64_t{root["pages"].at(0)["width"]}, 40);
  EXPECT_EQ(std::int64_t{root["pages"].at(0)["height"]}, 20);
  EXPECT_EQ(std::string_view{root["model"]["name"]}, "finder");
  EXPECT_EQ(root["label"].error(), simdjson::NO_SUCH_FIELD);
  EXPECT_TRUE(std::ranges::any_of(given.headers, [](const header& one) {
    return one.name == "ce_type" && one.value == "org.chalkstream.recognition";
  }));
  EXPECT_TRUE(has(expect_step<reply>(finding(0.6).complete(input, next, rows, {})).value, "0.58 is below 0.60"));

  const auto empty = expect_step<reply>(steps.complete(input, next, {7, {0, 0, 5, 0.5F, 0.5F, 1, 1}}, {}));
  EXPECT_TRUE(empty.review);
  EXPECT_TRUE(has(empty.value, R"("regions":[])"));
  EXPECT_TRUE(has(empty.value, R"("confidence":null)"));
  EXPECT_TRUE(has(empty.value, "nothing was found"));
}

TEST_F(recognition_test, makes_a_dead_letter_of_guesses_that_are_none) {
  const auto steps = finding();
  const auto input = record_of(event_at("/scans/one.bmp"));
  const auto next = expect_step<work>(steps.prepare(input));
  const auto none = std::numeric_limits<float>::quiet_NaN();
  for (const auto& rows : {output_rows{6, {0, 1, 0, 0.5F, 0.5F, 1}}, output_rows{7, {0, 1, 0, 0.5F, none, 1, 1}},
                           output_rows{7, {0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1}}, output_rows{7, {}}})
    EXPECT_EQ(expect_step<rejection>(steps.complete(input, next, rows, {})).reason, reject_reason::model_failed);
}

TEST_F(recognition_test, leaves_to_a_person_what_is_not_certain) {
  const auto steps = task(0.95);
  const auto input = record_of(event_at("/scans/one.bmp"));
  auto next = expect_step<work>(steps.prepare(input));
  EXPECT_EQ(next.urgency, priority::exam);
  const auto given = expect_step<reply>(steps.complete(input, std::move(next), {3, {0, 4, 1}}, {}));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "0.94 is below 0.95"));
}

TEST_F(recognition_test, reads_with_a_model_that_writes_to_pictures) {
  const auto steps = reading();
  const auto input = record_of(event_at("/scans/one.bmp"));
  const auto next = expect_step<work>(steps.prepare(input));
  ASSERT_EQ(next.sequences.size(), 1u);
  ASSERT_TRUE(next.sequences[0].image);
  ASSERT_TRUE(next.sequences[0].wanted);
  EXPECT_EQ(next.sequences[0].wanted->beams, 2u);
  EXPECT_EQ(next.tokens(), 5u);
  const auto conclude = [&](written_text text) {
    return expect_step<reply>(
        steps.complete(input, next, {.width = 0, .values = {}, .texts = {std::move(text)}}, {}));
  };
  const auto given = conclude(wrote("plants use light", 0.75));
  EXPECT_FALSE(given.review) << given.value;
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(given.value);
  EXPECT_EQ(std::string_view{root["text"]}, "plants use light");
  EXPECT_NEAR(double{root["confidence"]}, 0.75, 1e-9);
  EXPECT_EQ(std::string_view{root["pages"].at(0)["text"]}, "plants use light");
  EXPECT_NEAR(double{root["pages"].at(0)["confidence"]}, 0.75, 1e-9);
  EXPECT_EQ(root["label"].error(), simdjson::NO_SUCH_FIELD);
  EXPECT_TRUE(has(conclude(wrote("plants use light", 0.25)).value, "0.25 is below 0.50"));
  EXPECT_TRUE(has(conclude(wrote("plants", 0.75, true)).value, cut_off.sentence));
  const auto nothing = conclude(wrote("", 0.75));
  EXPECT_TRUE(nothing.review);
  EXPECT_TRUE(has(nothing.value, "no text was read"));
}

TEST_F(recognition_test, writes_to_the_lines_of_a_page_one_after_the_other) {
  picture page{320, 160, 1, std::vector<std::uint8_t>(320 * 160, 255)};
  for (const std::size_t top : {40U, 100U})
    for (std::size_t left = 30; left < 290; left += 8)
      for (std::size_t y = top; y < top + 16; ++y)
        std::fill_n(page.values.begin() + static_cast<std::ptrdiff_t>(y * page.width + left), 4, std::uint8_t{0});
  write("scans/page.png", image::png_file(page).value());
  const auto steps = reading(0.5, page_split::lines);
  const auto input = record_of(event_at("/scans/page.png"));
  const auto next = expect_step<work>(steps.prepare(input));
  ASSERT_EQ(next.sequences.size(), 2u);
  const auto given = expect_step<reply>(steps.complete(
      input, next,
      {.width = 0, .values = {}, .texts = {wrote("plants use light", 0.75), wrote("to make sugar", 0.5, true)}}, {}));
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(given.value);
  EXPECT_EQ(std::string_view{root["text"]}, "plants use light\n\nto make sugar");
  EXPECT_GT(double{root["confidence"]}, 0.5);
  EXPECT_LT(double{root["confidence"]}, 0.75);
  const auto second = root["pages"].at(0)["lines"].at(1);
  EXPECT_EQ(std::string_view{second["text"]}, "to make sugar");
  EXPECT_NEAR(double(std::int64_t{second["box"].at(1)}), 100, 8);
  EXPECT_TRUE(has(given.value, cut_off.sentence));
  EXPECT_EQ(
      expect_step<rejection>(steps.complete(input, next, {.width = 0, .values = {}, .texts = {wrote("one", 1)}}, {}))
          .where,
      stage::complete);
}

TEST_F(recognition_test, tells_what_an_image_means_among_labels_it_was_not_trained_for) {
  struct two_ways final : model { // a text about metal points one way, any other the other
    std::shared_ptr<const model_identity> identity() const override { return encoder().identity; }
    std::size_t max_tokens() const noexcept override { return 64; }
    std::size_t output_width() const noexcept override { return 2; }
    result<output_rows> run(std::span<const sequence* const> batch, crew*) const override {
      const auto metal = encoder().tokenizer->id_of("metal");
      const bool has_metal = std::ranges::find(batch.front()->ids, *metal) != batch.front()->ids.end();
      return has_metal ? output_rows{2, {1, 0}} : output_rows{2, {0, 1}};
    }
  };
  auto meanings = label_vectors::make({"light", "metal"}, "the {}", *encoder().tokenizer, two_ways(), 4, 64);
  ASSERT_TRUE(meanings) << meanings.error().message;
  auto pictures = image::preprocessor::read(folder_);
  const recognition steps{
      {.task = settings(),
       .model = {.index = 0,
                 .identity = encoder().identity,
                 .pictures = std::make_shared<const image::preprocessor>(std::move(pictures).value()),
                 .tokens = 5,
                 .labels = {"light", "metal"},
                 .meanings = std::move(*meanings)},
       .source = image_source::make({folder_ / "scans"}, 1000).value(),
       .limits = {}}};
  const auto input = record_of(event_at("/scans/one.bmp"));
  const auto next = expect_step<work>(steps.prepare(input));
  const auto given = expect_step<reply>(steps.complete(input, next, {2, {3, 0}}, {}));
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(given.value);
  EXPECT_EQ(std::string_view{root["label"]}, "metal");
  EXPECT_NEAR(double{root["confidence"]}, std::exp(4) / (std::exp(4) + 1), 1e-6);
  for (const auto& rows : {output_rows{2, {0, 0}}, output_rows{3, {0, 1, 0}}})
    EXPECT_EQ(expect_step<rejection>(steps.complete(input, next, rows, {})).where, stage::complete);
}

TEST_F(recognition_test, refuses_texts_that_are_not_one_for_each_page) {
  const auto steps = reading();
  const auto input = record_of(event_at("/scans/one.bmp"));
  for (const std::size_t texts : {0U, 2U}) {
    output_rows rows;
    rows.texts.resize(texts);
    EXPECT_EQ(expect_step<rejection>(steps.complete(input, expect_step<work>(steps.prepare(input)), rows, {})).where,
              stage::complete);
  }
}

TEST_F(recognition_test, follows_uris_into_its_folders_alone) {
  const auto steps = task();
  const auto why = [&](std::string event) {
    return expect_step<rejection>(steps.prepare(record_of(std::move(event))));
  };
  expect_step<work>(steps.prepare(record_of(event_at("/scans/one.bmp"))));
  expect_step<work>(steps.prepare(record_of(event_at("/scans/deeper/a%20b.bmp"))));
  expect_step<work>(steps.prepare(record_of(event_at("/scans/../scans/one.bmp"))));
  for (const auto* path :
       {"/scans-of-others/one.bmp", "/scans/away.bmp", "/scans/../scans-of-others/one.bmp", "/scans/none.bmp",
        "/scans", "/scans/%2e%2e/scans-of-others/one.bmp", "/scans/one.bmp%00", "/scans/one%2"}) {
    const auto refused = why(event_at(path));
    EXPECT_EQ(refused.reason, reject_reason::unreachable_image) << path;
    EXPECT_FALSE(has(refused.detail, folder_.string())) << refused.detail;
  }
  for (const auto* uri :
       {"https://example.org/1.png", "s3://scans/1.png", "/scans/one.bmp", "file://elsewhere/one.bmp"})
    EXPECT_EQ(why(event_with(R"({"uri":")" + std::string{uri} + R"("})")).reason, reject_reason::unreachable_image);
  write("scans/large.bmp", std::string(1001, 'x'));
  EXPECT_EQ(why(event_at("/scans/large.bmp")).reason, reject_reason::too_large);
}

TEST_F(recognition_test, holds_the_bytes_against_their_digest) {
  const auto steps = task();
  const auto at_uri = [&](const std::string& digest) {
    return record_of(event_with(R"({"uri":"file://)" + folder_.string() + R"(/scans/one.bmp","sha256":")" + digest
                                + R"("})"));
  };
  const auto as_data = [](const std::string& digest) {
    return record_of(event_with(R"({"data":")" + encode_base64(bitmap()) + R"(","sha256":")" + digest + R"("})"));
  };
  const auto as_record = [](const std::string& digest) {
    auto input = record_of(bitmap());
    input.headers = {{"content-type", "image/bmp"}, {"ce_id", "s-1"}, {"ce_learner", "l"}, {"ce_sha256", digest}};
    return input;
  };
  const std::string right = education::sha256_hex(bitmap()), wrong(64, '0');
  for (const auto& input : {at_uri(right), as_data(right), as_record(right)})
    expect_step<work>(steps.prepare(input));
  for (const auto& input : {at_uri(wrong), as_data(wrong), as_record(wrong)})
    EXPECT_EQ(expect_step<rejection>(steps.prepare(input)).reason, reject_reason::invalid_value);
}

TEST_F(recognition_test, refuses_what_is_no_image) {
  const auto steps = task();
  const auto rejected = [&](std::string bytes) {
    auto input = record_of(std::move(bytes));
    input.headers = {{"content-type", "image/png"}, {"ce_id", "s-1"}, {"ce_learner", "l"}};
    return expect_step<rejection>(steps.prepare(input)).reason;
  };
  EXPECT_EQ(rejected("hello"), reject_reason::unreadable_image);
  EXPECT_EQ(rejected(bitmap().substr(0, 60)), reject_reason::unreadable_image);
  auto huge = bitmap();
  huge[20] = huge[24] = 1; // 65,538 pixels each way
  EXPECT_EQ(rejected(huge), reject_reason::image_too_large);
}

TEST_F(recognition_test, refuses_rows_no_label_can_be_read_from) {
  const auto steps = task();
  const auto input = record_of(event_at("/scans/one.bmp"));
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& rows : {output_rows{2, {0, 1}}, output_rows{3, {0, 1, nan}}, output_rows{3, {0, 1, 2, 0, 1, 2}}})
    EXPECT_EQ(expect_step<rejection>(steps.complete(input, expect_step<work>(steps.prepare(input)), rows, {})).where,
              stage::complete);
}

TEST(probabilities_test, are_a_softmax) {
  const auto p = probabilities_of(std::vector<float>{1000, 1000, -1000});
  ASSERT_EQ(p.size(), 3u);
  EXPECT_DOUBLE_EQ(p[0], 0.5);
  EXPECT_DOUBLE_EQ(p[2], 0);
  EXPECT_EQ(likeliest(p), 0u);
  EXPECT_TRUE(probabilities_of({}).empty());
  EXPECT_TRUE(probabilities_of(std::vector<float>{0, std::numeric_limits<float>::infinity()}).empty());
}

} // namespace
} // namespace chalkstream::pipelines

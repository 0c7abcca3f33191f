#include "education/result_encoder.hpp"

#include "education/json_writer.hpp"
#include "education/result_decoder.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <simdjson.h>

namespace chalkstream::education {
namespace {

outcome sample() {
  outcome o;
  o.id = "abc";
  o.event = "s-1";
  o.pipeline = "short-answers";
  o.learner = "k.1";
  o.course = "c";
  o.assignment = "a";
  o.item = "i";
  o.score = 1.5;
  o.max_score = 2;
  o.label = "partially_correct";
  o.confidence = 0.1;
  o.verdict = decision::review;
  o.reasons = {{review_reason::unsure, "confidence 0.10 is below 0.65"}};
  o.missed = {"a \"quoted\" point\n"};
  o.feedback = "Almost.";
  o.model = std::make_shared<model_identity>(model_identity{"minilm", "1", "d1"});
  o.timing = {.queue = 0.001, .prepare = 0.0000004, .compute = 1.0 / 3, .total = 2};
  o.completed_at = wall_time{std::chrono::milliseconds{1'764'000'000'007}};
  return o;
}

TEST(result_encoder_test, writes_a_grade_exactly_so) {
  EXPECT_EQ(
      encode_result(result_kind::grade, sample()),
      R"({"id":"abc","event":"s-1","pipeline":"short-answers","learner":"k.1","course":"c","assignment":"a",)"
      R"("item":"i","score":1.5,"max_score":2,"label":"partially_correct","confidence":0.1,"decision":"review",)"
      R"("reasons":["confidence 0.10 is below 0.65"],"missed":["a \"quoted\" point\n"],"feedback":"Almost.",)"
      R"("model":{"name":"minilm","version":"1","digest":"d1"},)"
      R"("timing":{"queue":0.001,"prepare":0,"compute":0.333333,"total":2},)"
      R"("completed_at":"2025-11-24T16:00:00.007Z"})");
}

TEST(result_encoder_test, writes_null_where_no_model_can_judge) {
  outcome o;
  o.verdict = decision::review;
  const auto json = encode_result(result_kind::grade, o);
  for (auto part :
       {R"("score":null)", R"("label":null)", R"("confidence":null)", R"("decision":"review")", R"("model":null)"})
    EXPECT_NE(json.find(part), std::string::npos) << part;
}

TEST(result_encoder_test, gives_each_kind_its_own_fields) {
  auto o = sample();
  o.bytes = 700;
  o.embedding = {0.1f, -0.0f, 1e-9f};
  o.suggestions = {{"r1", "Title", "https://x", 0.5, "point"}};
  const auto echo = encode_result(result_kind::echo, o);
  EXPECT_NE(echo.find(R"("bytes":700)"), std::string::npos);
  EXPECT_EQ(echo.find("score"), std::string::npos);
  const auto embedding = encode_result(result_kind::embedding, o);
  EXPECT_NE(embedding.find(R"("embedding":[0.1,-0,1e-09])"), std::string::npos) << embedding;
  const auto recommended = encode_result(result_kind::recommendation, o);
  EXPECT_NE(
      recommended.find(
          R"("resources":[{"id":"r1","title":"Title","url":"https://x","similarity":0.5,"addresses":"point"}])"),
      std::string::npos);
}

TEST(result_encoder_test, writes_a_summary_with_where_its_sentences_stand) {
  auto o = sample();
  o.summary = "Plants grow. They need light.";
  o.sentences = {{0, 12, 0.75}, {40, 57, 0.5}};
  const auto json = encode_result(result_kind::summary, o);
  EXPECT_NE(json.find(R"("item":"i","summary":"Plants grow. They need light.",)"
                      R"("sentences":[{"start":0,"end":12,"score":0.75},{"start":40,"end":57,"score":0.5}],)"
                      R"("confidence":0.1,"decision":"review","reasons":["confidence 0.10 is below 0.65"],)"
                      R"("model":{"name":"minilm")"),
            std::string::npos)
      << json;
  const auto none = encode_result(result_kind::summary, outcome{});
  EXPECT_NE(none.find(R"("summary":null,"sentences":[],"confidence":null,"decision":"auto")"), std::string::npos)
      << none;
  EXPECT_EQ(cloud_event_type(result_kind::summary), "org.chalkstream.summary");
}

TEST(result_encoder_test, writes_a_translation_and_its_language_and_feedback_alone) {
  auto o = sample();
  o.translation = "Pflanzen wachsen.";
  o.language = "de";
  const auto json = encode_result(result_kind::translation, o);
  EXPECT_NE(json.find(R"("item":"i","translation":"Pflanzen wachsen.","language":"de","decision":"review",)"),
            std::string::npos)
      << json;
  EXPECT_NE(encode_result(result_kind::translation, outcome{}).find(R"("translation":null,"language":"")"),
            std::string::npos);
  o.feedback = "Say why.";
  const auto feedback = encode_result(result_kind::feedback, o);
  EXPECT_NE(feedback.find(R"("item":"i","feedback":"Say why.","decision":"review",)"), std::string::npos) << feedback;
  EXPECT_NE(encode_result(result_kind::feedback, outcome{}).find(R"("feedback":null)"), std::string::npos);
  EXPECT_EQ(cloud_event_type(result_kind::translation), "org.chalkstream.translation");
  EXPECT_EQ(cloud_event_type(result_kind::feedback), "org.chalkstream.feedback");
}

TEST(result_encoder_test, never_writes_a_number_json_does_not_know) {
  auto o = sample();
  o.score = std::nan("");
  o.confidence = std::numeric_limits<double>::infinity();
  o.timing.total = -std::numeric_limits<double>::infinity();
  o.embedding = {std::nanf("")};
  for (auto kind : {result_kind::grade, result_kind::embedding}) {
    const auto json = encode_result(kind, o);
    EXPECT_NE(json.find("null"), std::string::npos);
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    EXPECT_FALSE(parser.parse(json).get(root)) << json;
  }
}

TEST(result_encoder_test, numbers_and_strings_survive_a_reader) {
  std::vector<double> doubles{0, -0.0, 0.1, 1.0 / 3, 1e300, 5e-324, 123456789.123, -7};
  std::string hostile;
  for (int c = 0; c < 128; ++c)
    hostile += static_cast<char>(c);
  hostile += "\u2028é😀";
  std::string text;
  json_writer json{text};
  json.begin_object().key("s").string(hostile).key("n").begin_array();
  for (auto d : doubles)
    json.number(d);
  json.end_array().end_object();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_FALSE(parser.parse(text).get(root)) << text;
  EXPECT_EQ(std::string_view{root["s"]}, hostile);
  std::size_t i = 0;
  for (double d : root["n"].get_array())
    EXPECT_EQ(d, doubles[i++]);
  EXPECT_EQ(i, doubles.size());
}

TEST(result_encoder_test, an_answer_says_where_it_stands_and_what_it_rests_on) {
  auto o = sample();
  o.passages.push_back({"bonds#1", "Bonds", "book 7", 3, 62, "Opposite charges attract.", 0.75, std::nullopt});
  const auto none = encode_result(result_kind::answer, o);
  EXPECT_NE(none.find(R"("answer":null,)"), std::string::npos) << none;
  EXPECT_NE(none.find(R"("passages":[{"id":"bonds#1","title":"Bonds","source":"book 7","start":3,"end":62,)"
                      R"("text":"Opposite charges attract.","similarity":0.75,"score":null}],"retriever":null)"),
            std::string::npos)
      << none;
  o.answer = passage_answer{"charges", 9, 16, "bonds#1", "Bonds"};
  const auto one = encode_result(result_kind::answer, o);
  EXPECT_NE(one.find(R"("answer":{"text":"charges","start":9,"end":16,"passage":"bonds#1","title":"Bonds"})"),
            std::string::npos)
      << one;
  EXPECT_EQ(cloud_event_type(result_kind::answer), "org.chalkstream.answer");
}

TEST(result_encoder_test, speaks_cloud_events_in_its_headers) {
  const auto headers = result_headers(result_kind::grade, sample());
  const auto value = [&](std::string_view name) {
    for (const auto& h : headers)
      if (h.name == name)
        return h.value.value_or("null");
    return std::string{"absent"};
  };
  EXPECT_EQ(value("ce_specversion"), "1.0");
  EXPECT_EQ(value("ce_type"), "org.chalkstream.grade");
  EXPECT_EQ(value("ce_source"), "/chalkstream/short-answers");
  EXPECT_EQ(value("ce_id"), "abc");
  EXPECT_EQ(value("ce_time"), "2025-11-24T16:00:00.007Z");
  EXPECT_EQ(value("ce_subject"), "s-1");
  EXPECT_EQ(value("content-type"), "application/json");
}

TEST(result_encoder_test, makes_ids_from_where_a_record_came_from_and_nothing_else) {
  const auto id = result_id("submissions", 3, 42, "p");
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(id, result_id("submissions", 3, 42, "p"));
  std::set<std::string> all{id,
                            result_id("submissions", 3, 43, "p"),
                            result_id("submissions", 4, 42, "p"),
                            result_id("submissions", 34, 2, "p"),
                            result_id("submission", 3, 42, "p"),
                            result_id("submissions", 3, 42, "q")};
  EXPECT_EQ(all.size(), 6u);
}

TEST(result_decoder_test, reads_back_what_the_encoder_wrote) {
  const auto o = sample();
  const auto decoded = decode_grade(encode_result(result_kind::grade, o));
  ASSERT_TRUE(std::holds_alternative<outcome>(decoded)) << std::get<rejection>(decoded).detail;
  const auto& read = std::get<outcome>(decoded);
  EXPECT_EQ(read.id, o.id);
  EXPECT_EQ(read.event, o.event);
  EXPECT_EQ(read.learner, o.learner);
  EXPECT_EQ(read.course, o.course);
  EXPECT_EQ(read.item, o.item);
  EXPECT_EQ(read.score, o.score);
  EXPECT_EQ(read.max_score, o.max_score);
  EXPECT_EQ(read.label, o.label);
  EXPECT_EQ(read.confidence, o.confidence);
  EXPECT_EQ(read.verdict, o.verdict);
  EXPECT_EQ(read.missed, o.missed);
}

TEST(result_decoder_test, refuses_what_is_no_grade) {
  const auto reason = [](std::string_view value) {
    const auto decoded = decode_grade(value);
    const auto* why = std::get_if<rejection>(&decoded);
    return why ? std::string{to_string(why->reason)} : "accepted";
  };
  EXPECT_EQ(reason(R"({"id":"1","event":"e","learner":"l","decision":"auto"})"), "accepted");
  EXPECT_EQ(reason(R"({"event":"e","learner":"l","decision":"auto"})"), "missing_field");
  EXPECT_EQ(reason(R"({"id":"1","event":"e","learner":"","decision":"auto"})"), "invalid_value");
  EXPECT_EQ(reason(R"({"id":"1","event":"e","learner":"l","decision":"maybe"})"), "invalid_value");
  EXPECT_EQ(reason(R"({"id":"1","event":"e","learner":"l","decision":"auto","missed":"x"})"), "wrong_type");
  EXPECT_EQ(reason(R"({"id":"1","event":"e","learner":"l","decision":"auto","missed":[1]})"), "wrong_type");
  EXPECT_EQ(reason(R"({"id":"1","event":"e","learner":"l","decision":"auto","score":"3"})"), "wrong_type");
  EXPECT_EQ(reason("null"), "wrong_type");
  EXPECT_EQ(reason("{"), "malformed_json");
}

} // namespace
} // namespace chalkstream::education

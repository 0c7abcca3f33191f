#include "pipelines/echo.hpp"
#include "pipelines/embedding.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <simdjson.h>

namespace chalkstream::pipelines {
namespace {

class embedding_test : public task_fixture {};
class echo_test : public task_fixture {};

TEST_F(embedding_test, answers_with_a_vector_of_unit_length) {
  const embedding task{settings(), encoder()};
  const auto input = record_of(event_json("essay", "the metal loses the metal", R"("priority":"bulk")"));
  auto next = expect_step<work>(task.prepare(input));
  EXPECT_EQ(next.urgency, priority::bulk);
  EXPECT_EQ(next.model, 2u);
  const auto rows = embed(next.sequences);
  const auto given = expect_step<reply>(task.complete(input, std::move(next), rows, {}));
  EXPECT_FALSE(given.review);
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(given.value);
  double squares = 0;
  std::size_t width = 0;
  for (double x : root["embedding"].get_array()) {
    squares += x * x;
    ++width;
  }
  EXPECT_EQ(width, rows.width);
  EXPECT_NEAR(squares, 1, 1e-6);
}

TEST_F(embedding_test, says_what_limits_a_vector) {
  const embedding task{settings(), encoder(8)};
  const auto given_for = [&](std::string event) {
    const auto input = record_of(std::move(event));
    auto next = expect_step<work>(task.prepare(input));
    const auto rows = output_rows{2, {1, 0}};
    return expect_step<reply>(task.complete(input, std::move(next), rows, {}));
  };
  EXPECT_TRUE(has(given_for(event_json("essay", "植物利用光能")).value, "script"));
  EXPECT_TRUE(has(given_for(event_json("essay", "zork blip the gnarf")).value, "unknown"));
  EXPECT_TRUE(given_for(event_json("essay", "the metal loses the metal and the metal gains")).review);
  EXPECT_TRUE(has(given_for(event_json("essay", "the metal loses the metal and the metal gains")).value, "longer"));
  EXPECT_FALSE(given_for(event_json("question", "the metal")).review);
}

TEST_F(embedding_test, refuses_a_row_without_direction) {
  const embedding task{settings(), encoder()};
  const auto input = record_of(event_json("essay", "the metal"));
  const auto next = expect_step<work>(task.prepare(input));
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, {2, {0, 0}}, {})).where, stage::complete);
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, {2, {1, 0, 0, 1}}, {})).where, stage::complete);
}

TEST_F(embedding_test, gives_hidden_characters_no_tokens) {
  const embedding task{settings(), encoder()};
  const auto plain = expect_step<work>(task.prepare(record_of(event_json("essay", "the metal"))));
  const auto hidden = expect_step<work>(task.prepare(record_of(event_json("essay", "the me\\u200btal\\ufeff"))));
  EXPECT_EQ(plain.sequences[0].ids, hidden.sequences[0].ids);
}

TEST_F(echo_test, answers_with_the_size_of_the_value) {
  const echo task{settings()};
  const auto event = event_json("essay", "the metal");
  const auto given = expect_step<reply>(task.prepare(record_of(event)));
  EXPECT_TRUE(has(given.value, "\"bytes\":" + std::to_string(event.size()))) << given.value;
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  EXPECT_FALSE(given.review);
  expect_step<reply>(task.prepare(record_of(R"({"id":"1","learner":"l","type":"image","image":{"data":"Zm9v"}})")));
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of("nonsense"))).reason, reject_reason::malformed_json);
}

TEST_F(echo_test, gives_the_same_id_again_for_the_same_record_and_another_for_the_next) {
  const echo task{settings()};
  const auto event = event_json("essay", "the metal");
  const auto once = expect_step<reply>(task.prepare(record_of(event, 3))),
             again = expect_step<reply>(task.prepare(record_of(event, 3)));
  const auto other = expect_step<reply>(task.prepare(record_of(event, 4)));
  EXPECT_EQ(once.value, again.value);
  EXPECT_NE(once.value, other.value);
}

} // namespace
} // namespace chalkstream::pipelines

#include "pipelines/answering.hpp"
#include "pipelines/indexed_material.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <cmath>

namespace chalkstream::pipelines {
namespace {

constexpr std::string_view material =
    R"({"id":"bonds","title":"Ionic bonds","source":"book 7","tenant":"t","text":"It is so. The metal loses electrons. Opposite charges attract."}
{"id":"plants","title":"Plants","tenant":"t","course":"c","text":"Plants use light to make sugar."}
{"id":"secret","title":"Secret","tenant":"other","text":"The metal loses electrons, so the metal loses electrons."}
)";

constexpr std::int32_t start_of_sequence = 2, opposite = 13, attract = 15, sugar = 24;

class answering_test : public task_fixture {
protected:
  static answering_settings with_reader() {
    answering_settings wanted{
        .task = settings(), .encoder = encoder(), .reader = encoder(48), .writer = {}, .span = {}};
    wanted.reader->index = 3;
    static const auto identity = std::make_shared<const model_identity>(model_identity{"reader", "1", "rd"});
    wanted.reader->identity = identity;
    return wanted;
  }

  static answering_settings without_reader() {
    auto wanted = with_reader();
    wanted.reader.reset();
    return wanted;
  }

  static answering made(answering_settings wanted) {
    const auto fake = [](std::span<const sequence> batch) -> result<output_rows> {
      return embed({batch.begin(), batch.end()});
    };
    return {std::move(wanted), *index_material(encoder(), {.content = material, .file = "m", .cache = {}}, fake)};
  }

  /// A reader's logits: it is `sure` of the answer from token `first` to token `last`, wherever they are.
  static output_rows reading(const std::vector<sequence>& sequences, std::int32_t first, std::int32_t last,
                             float sure = 9) {
    output_rows rows{.width = 2, .values = {}, .texts = {}};
    for (const auto& s : sequences)
      for (const auto id : s.ids) {
        rows.values.push_back(id == first ? sure : 0);
        rows.values.push_back(id == last ? sure : 0);
      }
    return rows;
  }

  static constexpr std::string_view question = "which opposite charges attract the metal electrons";

  static work to_read(const answering& task, const record& input) {
    auto first = expect_step<work>(task.prepare(input));
    EXPECT_EQ(first.model, 2u);
    EXPECT_EQ(first.sequences.size(), 1u);
    const auto rows = embed(first.sequences);
    return expect_step<work>(task.complete(input, std::move(first), rows, {}));
  }
};

TEST_F(answering_test, answers_word_for_word_with_where_it_stands_and_what_it_rests_on) {
  const auto task = made(with_reader());
  const auto input = record_of(event_json("question", question));
  auto second = to_read(task, input);
  EXPECT_EQ(second.model, 3u);
  const auto rows = reading(second.sequences, opposite, attract);
  const auto given = expect_step<reply>(task.complete(input, std::move(second), rows, timing{.total = 0.25}));
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  EXPECT_FALSE(given.review) << given.value;
  for (
      auto part :
      {R"("answer":{"text":"Opposite charges attract","start":37,"end":61,"passage":"bonds#1","title":"Ionic bonds"})",
       R"("decision":"auto","reasons":[])", R"("confidence":0.99)", R"("passages":[{"id":"bonds#1",)",
       R"("source":"book 7","start":0,"end":62,"text":"It is so. The)", R"("similarity":0.)", R"("score":0.99)",
       R"("retriever":{"name":"tiny","version":"1","digest":"d"},"model":{"name":"reader")", R"("total":0.25)",
       R"("event":"s-1")"})
    EXPECT_TRUE(has(given.value, part)) << part << " in " << given.value;
  EXPECT_FALSE(has(given.value, "learner-007"));
  EXPECT_FALSE(has(given.value, "secret")) << "another tenant's material";
}

TEST_F(answering_test, says_that_no_passage_answers_if_the_reader_says_so_or_is_not_sure_at_all) {
  const auto task = made(with_reader());
  const auto input = record_of(event_json("question", question));
  const auto second = to_read(task, input);
  for (const auto& rows : {reading(second.sequences, start_of_sequence, start_of_sequence),
                           reading(second.sequences, opposite, attract, 0.1F)}) {
    const auto given = expect_step<reply>(task.complete(input, second, rows, {}));
    EXPECT_TRUE(given.review);
    EXPECT_TRUE(has(given.value, R"("answer":null,"confidence":null,"decision":"review")")) << given.value;
    EXPECT_TRUE(has(given.value, "no passage answers the question"));
    EXPECT_TRUE(has(given.value, R"("id":"bonds#1")")) << "what was found helps who answers";
  }
}

TEST_F(answering_test, sends_an_answer_it_is_not_sure_of_to_a_person) {
  auto strict = with_reader();
  strict.review_below = 0.9999;
  const auto task = made(strict);
  const auto input = record_of(event_json("question", question));
  auto second = to_read(task, input);
  const auto rows = reading(second.sequences, opposite, attract);
  const auto given = expect_step<reply>(task.complete(input, std::move(second), rows, {}));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "is below 1.00")) << given.value;
  EXPECT_TRUE(has(given.value, R"("text":"Opposite charges attract")"));
}

TEST_F(answering_test, takes_the_passage_whose_answer_is_surest) {
  auto loose = with_reader();
  loose.least_similarity = 0;
  const auto task = made(loose);
  const auto input = record_of(event_json("question", "plants use light so opposite charges attract"));
  auto second = to_read(task, input);
  EXPECT_EQ(second.sequences.size(), 2u);
  const auto rows = reading(second.sequences, sugar, sugar);
  const auto given = expect_step<reply>(task.complete(input, std::move(second), rows, {}));
  EXPECT_TRUE(has(given.value, R"("answer":{"text":"sugar","start":25,"end":30,"passage":"plants#1")"))
      << given.value;
}

TEST_F(answering_test, without_a_reader_gives_passages_to_a_person) {
  const auto task = made(without_reader());
  const auto input = record_of(event_json("question", question));
  auto first = expect_step<work>(task.prepare(input));
  const auto rows = embed(first.sequences);
  const auto given = expect_step<reply>(task.complete(input, std::move(first), rows, {}));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, R"("answer":null)"));
  EXPECT_TRUE(has(given.value, "no model reads the passages")) << given.value;
  EXPECT_TRUE(has(given.value, R"("id":"bonds#1")"));
  EXPECT_TRUE(has(given.value, R"("score":null)"));
  EXPECT_TRUE(has(given.value, R"("model":null)"));
}

TEST_F(answering_test, keeps_to_the_tenant_and_the_course) {
  const auto task = made(without_reader());
  const auto passages_for = [&](std::string tenant, std::string course) {
    const auto input = record_of(
        R"({"id":"q","learner":"l","type":"question","text":"plants use light, the metal loses electrons","tenant":")"
        + tenant + R"(","course":")" + course + "\"}");
    auto first = expect_step<work>(task.prepare(input));
    const auto rows = embed(first.sequences);
    return expect_step<reply>(task.complete(input, std::move(first), rows, {})).value;
  };
  EXPECT_TRUE(has(passages_for("t", "c"), "plants#1"));
  EXPECT_FALSE(has(passages_for("t", "elsewhere"), "plants#1"));
  EXPECT_TRUE(has(passages_for("other", ""), "secret#1"));
  EXPECT_FALSE(has(passages_for("other", ""), "bonds#1"));
  const auto nobody = passages_for("", "");
  EXPECT_TRUE(has(nobody, R"("passages":[])")) << nobody;
  EXPECT_TRUE(has(nobody, "no passage of the material is close"));
}

TEST_F(answering_test, asks_a_person_where_a_model_cannot_read_the_question) {
  const auto task = made(with_reader());
  const auto review_of = [&](std::string event, std::string_view why) {
    const auto given = expect_step<reply>(task.prepare(record_of(std::move(event))));
    EXPECT_TRUE(given.review);
    EXPECT_TRUE(has(given.value, R"("answer":null,"confidence":null,"decision":"review")")) << given.value;
    EXPECT_TRUE(has(given.value, why)) << given.value;
  };
  review_of(event_json("question", question, R"("lang":"zh")"), "language zh");
  review_of(event_json("question", "\u690d\u7269\u5229\u7528\u5149\u80fd"), "script");
  review_of(event_json("question", "Zork blip gnarf qwertz"), "unknown");
  auto french = with_reader();
  french.reader->languages = {"fr"};
  const auto given =
      expect_step<reply>(made(french).prepare(record_of(event_json("question", question, R"("lang":"en")"))));
  EXPECT_TRUE(has(given.value, "language en")) << "the reader must know it too";
}

TEST_F(answering_test, a_question_longer_than_the_models_is_cut_or_rejected_or_has_no_room_beside_a_passage) {
  std::string text{question};
  for (int i = 0; i < 30; ++i)
    text += " the metal loses electrons";
  auto rejecting = with_reader();
  rejecting.task.text_too_long = overlong::reject;
  EXPECT_EQ(expect_step<rejection>(made(rejecting).prepare(record_of(event_json("question", text)))).reason,
            reject_reason::text_too_long);
  const auto task = made(with_reader());
  const auto input = record_of(event_json("question", text));
  auto first = expect_step<work>(task.prepare(input));
  const auto rows = embed(first.sequences);
  const auto given = expect_step<reply>(task.complete(input, std::move(first), rows, {}));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "longer than the model reads")) << given.value;
  EXPECT_TRUE(has(given.value, "the reader cannot take the question beside a passage")) << given.value;
}

TEST_F(answering_test, passes_on_urgency_and_deadline_to_both_models) {
  const auto task = made(with_reader());
  const auto input =
      record_of(event_json("question", question, R"("priority":"exam","deadline":"2026-01-01T00:00:00Z")"));
  const auto first = expect_step<work>(task.prepare(input));
  const auto second = to_read(task, input);
  for (const auto* needed : {&first, &second}) {
    EXPECT_EQ(needed->urgency, priority::exam);
    EXPECT_TRUE(needed->deadline.has_value());
  }
}

TEST_F(answering_test, rejects_other_types_and_rows_that_are_none) {
  const auto task = made(with_reader());
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of(event_json("essay", question)))).reason,
            reject_reason::unknown_type);
  const auto input = record_of(event_json("question", question));
  const auto first = expect_step<work>(task.prepare(input));
  EXPECT_EQ(expect_step<rejection>(task.complete(input, first, {}, {})).reason, reject_reason::model_failed);
  const output_rows narrow{.width = 3, .values = {1, 0, 0}, .texts = {}};
  EXPECT_EQ(expect_step<rejection>(task.complete(input, first, narrow, {})).reason, reject_reason::model_failed);
  const auto second = to_read(task, input);
  auto rows = reading(second.sequences, opposite, attract);
  rows.values[0] = std::nanf("");
  EXPECT_EQ(expect_step<rejection>(task.complete(input, second, rows, {})).reason, reject_reason::model_failed);
  rows = reading(second.sequences, opposite, attract);
  rows.values.resize(rows.values.size() - 2);
  EXPECT_EQ(expect_step<rejection>(task.complete(input, second, rows, {})).reason, reject_reason::model_failed);
  expect_step<reply>(task.complete(input, second, reading(second.sequences, opposite, attract), {}));
}

class written_answer_test : public answering_test {
protected:
  static answering_settings with_writer(std::size_t max_tokens = 64) {
    auto wanted = without_reader();
    wanted.review_below = 0.4;
    auto model = encoder(max_tokens);
    model.index = 4;
    model.identity = std::make_shared<const model_identity>(model_identity{"writer", "1", "wr"});
    auto writer = text_writer::make(model, {});
    EXPECT_TRUE(writer) << writer.error().message;
    wanted.writer = {*std::move(writer), *prompt_template::parse("{passages} so {text}", prompt_use::answering)};
    return wanted;
  }

  static output_rows having_written(std::string_view text, bool cut = false) {
    auto ids = encoder().tokenizer->encode(text, {.special_tokens = false})->ids;
    return {.width = 0, .values = {}, .texts = {{std::move(ids), -1, cut}}};
  }

  /// What is published after the writer gave `rows`.
  static reply answer(const answering& task, const output_rows& rows) {
    const auto input = record_of(event_json("question", question, R"("priority":"exam")"));
    const auto prompt = to_read(task, input);
    EXPECT_EQ(prompt.model, 4u);
    const auto compare = expect_step<work>(task.complete(input, prompt, rows, {}));
    EXPECT_EQ(compare.model, 2u);
    EXPECT_EQ(compare.urgency, priority::exam);
    return expect_step<reply>(task.complete(input, compare, embed(compare.sequences), timing{.total = 0.25}));
  }
};

TEST_F(written_answer_test, rests_on_the_passages_it_was_written_from) {
  const auto task = made(with_writer());
  const auto input = record_of(event_json("question", question));
  const auto prompt = to_read(task, input);
  ASSERT_EQ(prompt.sequences.size(), 1u);
  EXPECT_EQ(
      prompt.sequences.front().ids,
      encoder()
          .tokenizer
          ->encode("[1] It is so. The metal loses electrons. Opposite charges attract. so " + std::string(question),
                   {})
          ->ids);
  const auto given = answer(task, having_written("the metal loses electrons opposite charges attract"));
  EXPECT_FALSE(given.review) << given.value;
  for (auto part :
       {R"("answer":{"text":"the metal loses electrons opposite charges attract"},"confidence":0.)",
        R"("passages":[{"id":"bonds#1",)", R"("model":{"name":"writer")", R"("retriever":{"name":"tiny")"})
    EXPECT_TRUE(has(given.value, part)) << part << " in " << given.value;
  EXPECT_FALSE(has(given.value, R"("score":null)")) << "each passage has its similarity to the answer";
}

TEST_F(written_answer_test, is_none_where_the_passages_do_not_say_it) {
  const auto strange = answer(made(with_writer()), having_written("water boils when hot"));
  EXPECT_TRUE(strange.review);
  EXPECT_TRUE(has(strange.value, R"("answer":null,"confidence":null,"decision":"review")")) << strange.value;
  EXPECT_TRUE(has(strange.value, "is not what the passages say"));
  auto strict = with_writer();
  strict.review_below = 1;
  const auto unsure = answer(made(strict), having_written("opposite charges"));
  EXPECT_TRUE(unsure.review);
  EXPECT_TRUE(has(unsure.value, R"("answer":{"text":"opposite charges"})")) << unsure.value;
  EXPECT_TRUE(has(unsure.value, "is below 1.00"));
  const auto cut_off = answer(made(with_writer()), having_written("opposite charges attract", true));
  EXPECT_TRUE(cut_off.review);
  EXPECT_TRUE(has(cut_off.value, "cut off"));
}

TEST_F(written_answer_test, leaves_out_the_passages_that_the_prompt_has_no_room_for) {
  auto loose = with_writer(32);
  loose.least_similarity = 0;
  const auto given = answer(made(loose), having_written("opposite charges attract"));
  EXPECT_TRUE(has(given.value, R"("id":"bonds#1")")) << given.value;
  EXPECT_FALSE(has(given.value, R"("id":"plants#1")")) << given.value;
  auto narrow = with_writer(16);
  const auto task = made(narrow);
  const auto input = record_of(event_json("question", question));
  auto first = expect_step<work>(task.prepare(input));
  const auto rows = embed(first.sequences);
  const auto none = expect_step<reply>(task.complete(input, std::move(first), rows, {}));
  EXPECT_TRUE(none.review);
  EXPECT_TRUE(has(none.value, "has no room")) << none.value;
  EXPECT_TRUE(has(none.value, R"("id":"bonds#1")")) << "what was found helps who answers";
}

TEST_F(written_answer_test, that_says_nothing_is_none) {
  const auto task = made(with_writer());
  const auto input = record_of(event_json("question", question));
  const auto prompt = to_read(task, input);
  const auto given = expect_step<reply>(task.complete(input, prompt, having_written(""), {}));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "no passage answers")) << given.value;
  EXPECT_EQ(expect_step<rejection>(task.complete(input, prompt, {}, {})).reason, reject_reason::model_failed);
}

} // namespace
} // namespace chalkstream::pipelines

#include "pipelines/grading.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <cmath>
#include <thread>

namespace chalkstream::pipelines {
namespace {

using education::answer_class;

constexpr auto reference =
    "The metal loses electrons and the non-metal gains electrons, so opposite charges attract.";

class grading_test : public task_fixture {
protected:
  static grading_settings graded() {
    return {.task = settings(), .encoder = encoder(), .answer_model = {}, .essay_model = {}, .review_below = {}};
  }

  static answer_head cross_encoder() {
    answer_head head{encoder(), {answer_class::incorrect, answer_class::correct, answer_class::contradictory}};
    head.model.index = 3;
    head.model.identity = std::make_shared<const model_identity>(model_identity{"reads-pairs", "1", "e"});
    return head;
  }

  static std::string answer(std::string_view text, std::string_view extra = "") {
    return event_json("short_answer", text,
                      R"("references":[")" + std::string{reference} + R"("],"max_score":4)"
                          + (extra.empty() ? "" : ",") + std::string{extra});
  }

  /// Through prepare, the encoder, and complete.
  static reply grade(const grading& task, std::string event) {
    const auto input = record_of(std::move(event));
    auto next = expect_step<work>(task.prepare(input));
    const auto rows = embed(next.sequences);
    return expect_step<reply>(task.complete(input, std::move(next), rows, timing{.total = 0.25}));
  }
};

TEST_F(grading_test, gives_full_marks_for_the_reference_itself) {
  const grading task{graded()};
  const auto given = grade(task, answer(reference));
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  EXPECT_FALSE(given.review) << given.value;
  for (auto part : {R"("event":"s-1")", R"("pipeline":"p")", R"("score":4)", R"("max_score":4)",
                    R"("label":"correct")", R"("decision":"auto")", R"("missed":[])", R"("digest":"d")",
                    R"("total":0.25)", R"("completed_at":"2025-11-24T16:00:00.007Z")"})
    EXPECT_TRUE(has(given.value, part)) << part << " in " << given.value;
  EXPECT_FALSE(has(given.value, "learner-007"));
}

TEST_F(grading_test, says_what_a_wrong_answer_missed) {
  const grading task{graded()};
  const auto given = grade(task, answer("water boils when it is hot"));
  EXPECT_TRUE(has(given.value, R"("label":"incorrect")")) << given.value;
  EXPECT_TRUE(has(given.value, "opposite charges attract"));
}

TEST_F(grading_test, sends_the_uncertain_to_a_person_with_the_score_it_would_give) {
  auto strict = graded();
  strict.review_below = 1.0;
  const auto given = grade(grading{strict}, answer("the metal loses electrons"));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, R"("decision":"review")"));
  EXPECT_TRUE(has(given.value, "is below 1.00"));
  EXPECT_TRUE(given.tally.has(review_reason::unsure));
  EXPECT_FALSE(has(given.value, R"("score":null)"));
}

TEST_F(grading_test, embeds_a_reference_once) {
  const grading task{graded()};
  const auto first = expect_step<work>(task.prepare(record_of(answer("the metal"))));
  EXPECT_EQ(first.sequences.size(), 2u);
  EXPECT_EQ(first.model, 2u);
  const auto cold = grade(task, answer("the metal loses electrons"));
  const auto second = expect_step<work>(task.prepare(record_of(answer("the metal"))));
  EXPECT_EQ(second.sequences.size(), 1u);
  const auto warm = grade(task, answer("the metal loses electrons"));
  EXPECT_EQ(cold.value, warm.value) << "the cache must not change a grade";
}

TEST_F(grading_test, cannot_judge_languages_and_scripts_the_model_does_not_know) {
  const grading task{graded()};
  const auto review_of = [&](std::string event, std::string_view why, review_reason counted) {
    const auto given = expect_step<reply>(task.prepare(record_of(std::move(event))));
    EXPECT_TRUE(given.review);
    EXPECT_TRUE(has(given.value, R"("score":null)")) << given.value;
    EXPECT_TRUE(has(given.value, R"("decision":"review")"));
    EXPECT_TRUE(has(given.value, why)) << given.value;
    EXPECT_TRUE(given.tally.has(counted)) << given.value;
    EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  };
  review_of(answer("the metal", R"("lang":"zh-Hans")"), "language zh", review_reason::language);
  review_of(answer("植物利用光能制造糖分"), "script", review_reason::language);
  review_of(answer("qwertz uiopa sdfgh the"), "unknown", review_reason::language);
  review_of(event_json("short_answer", "the metal"), "no reference answer", review_reason::nothing_found);
  review_of(event_json("essay", "the metal loses"), "no trained essay model is configured", review_reason::no_model);
  expect_step<work>(task.prepare(record_of(answer("the metal", R"("lang":"EN-gb")"))));
}

TEST_F(grading_test, works_without_an_encoder_by_asking_people) {
  auto none = graded();
  none.encoder.reset();
  EXPECT_TRUE(expect_step<reply>(grading{none}.prepare(record_of(answer("the metal")))).review);
}

TEST_F(grading_test, truncates_or_rejects_long_texts_as_configured) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "the metal loses electrons and ";
  const grading cutting{graded()};
  const auto given = grade(cutting, answer(text));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "longer than the model reads"));
  auto rejecting = graded();
  rejecting.task.text_too_long = overlong::reject;
  EXPECT_EQ(expect_step<rejection>(grading{rejecting}.prepare(record_of(answer(text)))).reason,
            reject_reason::text_too_long);
}

TEST_F(grading_test, passes_on_urgency_and_deadline) {
  const grading task{graded()};
  const auto next = expect_step<work>(
      task.prepare(record_of(answer("the metal", R"("priority":"exam","deadline":"2026-01-01T00:00:00Z")"))));
  EXPECT_EQ(next.urgency, priority::exam);
  EXPECT_TRUE(next.deadline.has_value());
}

TEST_F(grading_test, rejects_bad_input_and_other_types) {
  const grading task{graded()};
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of("{"))).reason, reject_reason::malformed_json);
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of(event_json("question", "why")))).reason,
            reject_reason::unknown_type);
  EXPECT_EQ(expect_step<rejection>(task.prepare(record{})).reason, reject_reason::empty_value);
}

TEST_F(grading_test, refuses_rows_that_are_no_vectors_and_remembers_nothing_of_them) {
  const grading task{graded()};
  const auto input = record_of(answer("the metal"));
  auto next = expect_step<work>(task.prepare(input));
  auto rows = embed(next.sequences);
  for (auto& x : rows.values)
    x = std::nanf("");
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, rows, {})).reason, reject_reason::model_failed);
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, {}, {})).reason, reject_reason::model_failed);
  EXPECT_EQ(expect_step<work>(task.prepare(input)).sequences.size(), 2u);
  expect_step<reply>(task.complete(input, next, embed(next.sequences), {})); // and a second try succeeds
}

TEST_F(grading_test, scores_essays_with_a_head_where_there_is_one) {
  auto with_head = graded();
  with_head.essay_model = essay_head{encoder(), {}};
  with_head.essay_model->model.index = 5;
  const grading task{with_head};
  const auto input = record_of(event_json("essay", "the metal loses electrons", R"("max_score":10)"));
  const auto next = expect_step<work>(task.prepare(input));
  EXPECT_EQ(next.model, 5u);
  ASSERT_EQ(next.sequences.size(), 1u);
  const auto graded_as = [&](output_rows rows) { return expect_step<reply>(task.complete(input, next, rows, {})); };
  EXPECT_TRUE(has(graded_as({1, {0.72f}}).value, R"("score":7.2)"));
  EXPECT_TRUE(graded_as({1, {0.72f}}).review) << "a regression says nothing about its certainty";
  EXPECT_TRUE(has(graded_as({1, {1.4f}}).value, R"("score":10)"));
  EXPECT_TRUE(has(graded_as({1, {-3.f}}).value, R"("score":0)"));
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, {1, {std::nanf("")}}, {})).reason,
            reject_reason::model_failed);
}

TEST_F(grading_test, scores_the_traits_of_an_essay_each_on_the_models_scale) {
  auto with_head = graded();
  with_head.essay_model =
      essay_head{encoder(), {.scores = true, .names = {"content", "wording"}, .lowest = -2, .highest = 3}};
  const auto given = [&](output_rows rows) {
    const grading task{with_head};
    const auto input = record_of(event_json("essay", "the metal loses electrons", R"("max_score":10)"));
    return expect_step<reply>(task.complete(input, expect_step<work>(task.prepare(input)), rows, {})).value;
  };
  const auto both = given({2, {0.5f, 9.f}});
  EXPECT_TRUE(has(
      both, R"("score":7.5,"max_score":10,"traits":[{"name":"content","score":5},{"name":"wording","score":10}])"))
      << both;
  EXPECT_TRUE(has(both, R"("decision":"review")"));
  EXPECT_FALSE(has(given({1, {0.5f}}), "traits")) << "one score is the essay's";
}

TEST_F(grading_test, places_an_essay_on_the_models_levels) {
  auto with_head = graded();
  with_head.essay_model = essay_head{encoder(), {.scores = false, .names = {}}};
  const auto given = [&](output_rows rows) {
    const grading task{with_head};
    const auto input = record_of(event_json("essay", "the metal loses electrons", R"("max_score":10)"));
    return task.complete(input, expect_step<work>(task.prepare(input)), rows, {});
  };
  const auto sure = expect_step<reply>(given({3, {-20.f, 0.f, 20.f}}));
  EXPECT_FALSE(sure.review);
  EXPECT_TRUE(has(sure.value, R"("score":10)")) << sure.value;
  EXPECT_TRUE(has(sure.value, R"("label":"level_2")"));
  const auto unsure = expect_step<reply>(given({3, {0.f, 0.f, 0.f}}));
  EXPECT_TRUE(unsure.review);
  EXPECT_TRUE(has(unsure.value, R"("score":5)"));
  EXPECT_EQ(expect_step<rejection>(given({1, {1.f}})).reason, reject_reason::model_failed) << "one level is none";
  with_head.essay_model->outputs.names = {"A1", "A2", "B1"};
  EXPECT_TRUE(has(expect_step<reply>(given({3, {0.f, 5.f, 0.f}})).value, R"("label":"A2")"));
}

TEST_F(grading_test, has_a_cross_encoder_read_the_answer_beside_the_nearest_references) {
  auto alone = graded();
  alone.encoder.reset();
  alone.answer_model = cross_encoder();
  const grading task{alone};
  const auto input = record_of(event_json(
      "short_answer", "the metal loses electrons",
      R"("references":["water boils when it is hot","the metal loses electrons to a non-metal"],"max_score":4)"));
  const auto next = expect_step<work>(task.prepare(input));
  EXPECT_EQ(next.model, 3u);
  ASSERT_EQ(next.sequences.size(), 2u) << "the nearest in words, then the other";
  const auto pair =
      cut(alone.answer_model->model, "the metal loses electrons", "the metal loses electrons to a non-metal");
  EXPECT_EQ(next.sequences.front().ids, pair->tokens.ids);
  EXPECT_EQ(next.sequences.front().types, pair->tokens.types);

  const auto given = [&](output_rows rows) {
    rows.values.insert(rows.values.end(), rows.values.begin(), rows.values.end()); // the same beside either
    return task.complete(input, next, rows, {});
  };
  const auto right = expect_step<reply>(given({3, {0.f, 9.f, 0.f}}));
  EXPECT_FALSE(right.review) << right.value;
  EXPECT_TRUE(has(right.value, R"("score":4)")) << right.value;
  EXPECT_TRUE(has(right.value, R"("label":"correct")"));
  EXPECT_TRUE(has(right.value, R"("reference":1)")) << "what it rests on";
  EXPECT_TRUE(has(right.value, R"("model":{"name":"reads-pairs")"));
  EXPECT_FALSE(has(right.value, R"("encoder")"));
  const auto contrary = expect_step<reply>(given({3, {0.f, 0.f, 9.f}}));
  EXPECT_TRUE(has(contrary.value, R"("label":"contradictory")")) << contrary.value;
  EXPECT_TRUE(expect_step<reply>(given({3, {1.f, 1.f, 1.f}})).review);
  EXPECT_EQ(expect_step<rejection>(given({3, {0.f, std::nanf(""), 0.f}})).reason, reject_reason::model_failed);
  EXPECT_EQ(expect_step<rejection>(given({2, {0.f, 1.f}})).reason, reject_reason::model_failed);
}

TEST_F(grading_test, weighs_what_the_cross_encoder_says_with_what_the_encoder_says) {
  auto both = graded();
  both.answer_model = cross_encoder();
  const grading task{both};
  const auto input = record_of(answer("water boils when it is hot", R"("deadline":"2026-01-02T03:04:05Z")"));
  auto vectors = expect_step<work>(task.prepare(input));
  EXPECT_EQ(vectors.model, 2u);
  const auto rows = embed(vectors.sequences);
  const auto reading = expect_step<work>(task.complete(input, vectors, rows, {}));
  EXPECT_EQ(reading.model, 3u);
  EXPECT_EQ(reading.deadline, vectors.deadline);
  const auto confident = [&](float correct) {
    return expect_step<reply>(task.complete(input, reading, {3, {0.f, correct, 0.f}}, {})).value;
  };
  EXPECT_TRUE(has(confident(-30), R"("label":"incorrect")")) << confident(-30);
  EXPECT_TRUE(has(confident(-30), R"("encoder":{)"));
  EXPECT_TRUE(has(confident(-30), R"("model":{"name":"reads-pairs")"));
  const auto torn = confident(30);
  EXPECT_TRUE(has(torn, R"("decision":"review")")) << "one is sure of the one, the other of the other: " << torn;
}

TEST_F(grading_test, rests_on_graded_answers_and_says_on_which) {
  std::string list;
  for (int i = 0; i < 8; ++i)
    list +=
        std::string{i ? "," : ""} + R"({"text":")"
        + (i % 2 ? R"(water boils when it is hot","label":"incorrect"})" : R"(opposite charges attract","score":4})");
  const grading task{graded()};
  const auto event = answer("opposite charges attract", R"("question":"why","graded":[)" + list + "]");
  const auto first = expect_step<work>(task.prepare(record_of(event)));
  EXPECT_EQ(first.sequences.size(), 10u) << "the answer, its reference, and eight";
  const auto given = grade(task, event);
  EXPECT_TRUE(has(given.value, R"("graded":0)")) << given.value;
  EXPECT_TRUE(has(given.value, R"("reference":0)"));
  EXPECT_FALSE(has(given.value, "water boils")) << "no words of other learners";
  EXPECT_EQ(expect_step<work>(task.prepare(record_of(event))).sequences.size(), 1u) << "embedded once";

  auto both = graded();
  both.answer_model = cross_encoder();
  const grading reading{both};
  const auto vectors = expect_step<work>(reading.prepare(record_of(event)));
  const auto pairs = expect_step<work>(reading.complete(record_of(event), vectors, embed(vectors.sequences), {}));
  EXPECT_EQ(pairs.sequences.size(), 4u) << "beside the reference and three of the right ones";
}

TEST_F(grading_test, may_be_called_from_many_threads_at_once) {
  auto small = graded();
  small.cached_references = 16;
  const grading task{small};
  const auto expected = grade(task, answer("the metal loses electrons")).value;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(grade(task, answer("the metal loses electrons")).value, expected);
        grade(task, event_json("short_answer", "the metal",
                               R"("references":["the metal number )" + std::to_string(t * 100 + i) + R"("])"));
      }
    });
}

} // namespace
} // namespace chalkstream::pipelines

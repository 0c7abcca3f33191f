#include "pipelines/summarization.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <cmath>
#include <simdjson.h>

namespace chalkstream::pipelines {
namespace {

constexpr std::string_view text =
    "The metal loses electrons and the non-metal gains electrons. Plants use light to make "
    "sugar.  The metal\\u200b loses\\nelectrons and it is hot. Water boils when it is hot.";

class summarization_test : public task_fixture {
protected:
  static summarization_settings wanting(std::size_t sentences, std::size_t max_tokens = 8192) {
    summarization_settings wanted{
        .task = settings(), .encoder = encoder(), .summary = {}, .review_below = std::nullopt};
    wanted.summary.sentences = sentences;
    wanted.summary.max_tokens = max_tokens;
    return wanted;
  }

  static reply summarise(const summarization& task, std::string event) {
    const auto input = record_of(std::move(event));
    auto next = expect_step<work>(task.prepare(input));
    const auto rows = embed(next.sequences);
    return expect_step<reply>(task.complete(input, std::move(next), rows, timing{.total = 0.25}));
  }

  static std::string many_sentences(int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
      all += i % 2 == 0 ? "The metal loses electrons. " : "Plants use light. ";
    return all;
  }
};

TEST_F(summarization_test, keeps_the_most_telling_sentences_in_the_order_of_the_text) {
  const summarization task{wanting(2)};
  const auto given = summarise(task, event_json("essay", text));
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  EXPECT_FALSE(given.review) << given.value;
  EXPECT_FALSE(has(given.value, "learner-007"));
  for (auto part : {R"("event":"s-1")", R"("pipeline":"p")", R"("decision":"auto")", R"("reasons":[])",
                    R"("digest":"d")", R"("total":0.25)", R"("confidence":0.)"})
    EXPECT_TRUE(has(given.value, part)) << part << " in " << given.value;
  EXPECT_TRUE(has(given.value, R"("summary":"The metal loses electrons and the non-metal gains electrons. )"
                               R"(The metal loses electrons and it is hot.")"))
      << given.value;
}

TEST_F(summarization_test, a_head_that_has_learnt_decides_which_sentences_these_are) {
  auto wanted = wanting(1);
  EXPECT_FALSE(has(summarise(summarization{wanted}, event_json("essay", text)).value, R"("summary":"Water boils)"));
  auto head = std::make_shared<education::summary_head>();
  head->phrases = {"^ water"};
  head->phrase_weights = {0.5F};
  head->bias = 0.25F;
  wanted.summary.head = head;
  const auto given = summarise(summarization{wanted}, event_json("essay", text));
  EXPECT_TRUE(has(given.value, R"("summary":"Water boils when it is hot.")")) << given.value;
  EXPECT_TRUE(has(given.value, R"("score":0.75)")) << given.value;
}

TEST_F(summarization_test, says_in_code_points_where_its_sentences_stand) {
  const summarization task{wanting(1)};
  const auto given =
      summarise(task, event_json("essay", "Ünïcödé. 植 the. The metal loses electrons, the metal gains."));
  EXPECT_TRUE(has(given.value, R"("sentences":[{"start":16,"end":59,"score":)")) << given.value;
}

TEST_F(summarization_test, is_as_long_as_the_event_asks_for) {
  const summarization task{wanting(1)};
  const auto sentences = [&](std::string_view extra) {
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(summarise(task, event_json("essay", text, extra)).value);
    return simdjson::dom::array(root["sentences"]).size();
  };
  EXPECT_EQ(sentences(""), 1u);
  EXPECT_EQ(sentences(R"("max_sentences":3)"), 3u);
}

TEST_F(summarization_test, gives_a_short_text_back_whole_and_asks_a_person) {
  const summarization task{wanting(4)};
  const auto given = expect_step<reply>(task.prepare(record_of(event_json("short_answer", text))));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "no more sentences than")) << given.value;
  EXPECT_TRUE(has(given.value, R"("summary":"The metal loses)"));
  EXPECT_TRUE(has(given.value, R"("confidence":1)"));
}

TEST_F(summarization_test, cannot_summarise_what_the_model_does_not_know) {
  const summarization task{wanting(1)};
  const auto review_of = [&](std::string event, std::string_view why) {
    const auto given = expect_step<reply>(task.prepare(record_of(std::move(event))));
    EXPECT_TRUE(given.review);
    EXPECT_TRUE(has(given.value, R"("summary":null,"sentences":[],"confidence":null,"decision":"review")"))
        << given.value;
    EXPECT_TRUE(has(given.value, why)) << given.value;
  };
  review_of(event_json("essay", text, R"("lang":"zh-Hans")"), "language zh");
  review_of(event_json("essay", "植物利用光能。它们需要水。"), "script");
  review_of(event_json("essay", "Zork blip gnarf. Qwertz uiopa the."), "unknown");
  review_of(event_json("essay", "... !!! ??? ***"), "no sentence with a word");
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of(event_json("essay", " \\n ")))).reason,
            reject_reason::empty_text);
}

TEST_F(summarization_test, truncates_or_rejects_long_texts_as_configured) {
  const auto event = event_json("essay", many_sentences(200));
  const auto given = summarise(summarization{wanting(2, 100)}, event);
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "only its beginning was summarised")) << given.value;
  EXPECT_FALSE(has(given.value, R"("summary":null)"));
  auto rejecting = wanting(2, 100);
  rejecting.task.text_too_long = overlong::reject;
  EXPECT_EQ(expect_step<rejection>(summarization{rejecting}.prepare(record_of(event))).reason,
            reject_reason::text_too_long);
  EXPECT_FALSE(summarise(summarization{wanting(2)}, event).review);
}

TEST_F(summarization_test, says_that_a_sentence_is_longer_than_the_model_reads) {
  auto narrow = wanting(1);
  narrow.encoder = encoder(8);
  EXPECT_EQ(expect_step<work>(summarization{narrow}.prepare(record_of(event_json("essay", text)))).sequences.size(),
            8u)
      << "a window for each sentence";
  const auto given = summarise(summarization{narrow}, event_json("essay", text));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "a sentence is longer")) << given.value;
}

TEST_F(summarization_test, bounds_what_a_million_characters_cost) {
  auto wanted = wanting(3, 2000);
  wanted.task.max_bytes = 4 << 20;
  const summarization task{wanted};
  for (const std::string_view unit : {"the metal ", "The metal. ", "metal", "\\n", "the\\n", ". ", "水"}) {
    std::string long_text{"Water boils. It is hot. Plants use light. Ionic bonds. "};
    while (long_text.size() < 1'000'000)
      long_text += unit;
    const auto step = task.prepare(record_of(event_json("essay", long_text)));
    if (const auto* next = std::get_if<work>(&step)) {
      EXPECT_LE(next->tokens(), 2000u) << unit;
      expect_step<reply>(task.complete(record{}, *next, embed(next->sequences), {}));
    } else {
      EXPECT_TRUE(std::get_if<reply>(&step)->review) << unit;
    }
  }
}

TEST_F(summarization_test, sends_to_a_person_what_its_summary_does_not_cover) {
  auto strict = wanting(1);
  strict.review_below = 0.99;
  const auto given = summarise(summarization{strict}, event_json("essay", text));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "is below 0.99")) << given.value;
  EXPECT_FALSE(has(given.value, R"("summary":null)"));
}

TEST_F(summarization_test, passes_on_model_urgency_and_deadline) {
  const summarization task{wanting(1)};
  const auto next = expect_step<work>(task.prepare(
      record_of(event_json("question", text, R"("priority":"exam","deadline":"2026-01-01T00:00:00Z")"))));
  EXPECT_EQ(next.model, 2u);
  EXPECT_EQ(next.sequences.size(), 5u) << "four sentences and one window";
  EXPECT_EQ(next.urgency, priority::exam);
  EXPECT_TRUE(next.deadline.has_value());
}

TEST_F(summarization_test, rejects_bad_input_and_other_types) {
  const summarization task{wanting(1)};
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of("{"))).reason, reject_reason::malformed_json);
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of(event_json("image", "")))).reason,
            reject_reason::unknown_type);
  EXPECT_EQ(expect_step<rejection>(task.prepare(record_of(event_json("essay", text, R"("max_sentences":0)")))).reason,
            reject_reason::invalid_value);
  EXPECT_EQ(expect_step<rejection>(task.prepare(record{})).reason, reject_reason::empty_value);
}

TEST_F(summarization_test, refuses_rows_that_are_no_vectors) {
  const summarization task{wanting(1)};
  const auto input = record_of(event_json("essay", text));
  const auto next = expect_step<work>(task.prepare(input));
  auto rows = embed(next.sequences);
  rows.values[0] = std::nanf("");
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, rows, {})).reason, reject_reason::model_failed);
  EXPECT_EQ(expect_step<rejection>(task.complete(input, next, {}, {})).where, stage::complete);
  expect_step<reply>(task.complete(input, next, embed(next.sequences), {})); // and a second try succeeds
}

} // namespace
} // namespace chalkstream::pipelines

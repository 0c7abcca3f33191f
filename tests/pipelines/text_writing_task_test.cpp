#include "pipelines/text_writing.hpp"
#include "tests/pipelines/task_fixture.hpp"

namespace chalkstream::pipelines {
namespace {

constexpr std::string_view text = "The metal loses electrons. Plants use light.\\n\\nWater boils when it is hot.";

class text_writing_test : public task_fixture {
protected:
  static text_writer writer(writing_settings with, std::size_t max_tokens = 64) {
    auto made = text_writer::make(encoder(max_tokens), std::move(with));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  static writing_settings in_units_of(prompt_unit unit, std::string prefix = "", std::string target_language = "") {
    writing_settings with;
    with.unit = unit;
    with.prefix = std::move(prefix);
    with.target_language = std::move(target_language);
    return with;
  }

  static text_writing_settings summarising(std::size_t max_tokens = 64) {
    return {.task = settings(),
            .becomes = education::result_kind::summary,
            .writer = writer(in_units_of(prompt_unit::window), max_tokens),
            .prompt = {},
            .from_language = {},
            .to_language = {}};
  }

  static text_writing_settings translating() {
    auto wanted = summarising();
    wanted.becomes = education::result_kind::translation;
    wanted.writer = writer(in_units_of(prompt_unit::sentence));
    wanted.from_language = "en";
    wanted.to_language = "de";
    return wanted;
  }

  static text_writing_settings commenting(std::string_view prompt, std::size_t max_tokens = 64) {
    auto wanted = summarising();
    wanted.becomes = education::result_kind::feedback;
    wanted.writer = writer({}, max_tokens);
    wanted.prompt = *prompt_template::parse(prompt);
    return wanted;
  }

  /// What a model that gives every prompt back would write.
  static output_rows echoed(const std::vector<sequence>& prompts, bool cut = false) {
    output_rows rows;
    for (const auto& s : prompts)
      rows.texts.push_back({s.ids, 0, cut});
    return rows;
  }

  static reply write(const text_writing& task, std::string event, bool cut = false) {
    const auto input = record_of(std::move(event));
    auto next = expect_step<work>(task.prepare(input));
    const auto rows = echoed(next.sequences, cut);
    return expect_step<reply>(task.complete(input, std::move(next), rows, timing{.total = 0.25}));
  }

  static std::size_t prompts_of(const text_writing& task, std::string event) {
    return expect_step<work>(task.prepare(record_of(std::move(event)))).sequences.size();
  }
};

TEST_F(text_writing_test, a_translation_is_made_sentence_by_sentence_and_keeps_its_paragraphs) {
  const text_writing task{translating()};
  EXPECT_EQ(prompts_of(task, event_json("essay", text)), 3U);
  const auto given = write(task, event_json("essay", text));
  EXPECT_FALSE(given.review) << given.value;
  EXPECT_EQ(given.key, pseudonym("t", "learner-007"));
  EXPECT_TRUE(has(given.value,
                  R"("translation":"the metal loses electrons. plants use light.\n\nwater boils when it is )"
                  R"(hot.","language":"de","decision":"auto","reasons":[],"model":{"name":"tiny")"))
      << given.value;
}

TEST_F(text_writing_test, a_summary_is_written_from_windows_of_whole_sentences) {
  EXPECT_EQ(prompts_of(text_writing{summarising()}, event_json("essay", text)), 1U);
  const text_writing narrow{summarising(14)};
  EXPECT_EQ(prompts_of(narrow, event_json("essay", text)), 2U) << "two sentences fit, and one";
  const auto given = write(narrow, event_json("essay", text));
  EXPECT_TRUE(has(given.value, R"("summary":"the metal loses electrons. plants use light.)")) << given.value;
  EXPECT_TRUE(has(given.value, R"("sentences":[],"confidence":null,"decision":"auto")")) << given.value;
}

TEST_F(text_writing_test, feedback_is_asked_for_in_the_configured_words) {
  const text_writing task{commenting("use {references} when it is about {text} .")};
  const auto given = write(task, event_json("short_answer", "the metal", R"("references":["ionic bonds","water"])"));
  EXPECT_TRUE(has(given.value, R"("feedback":"use ionic bonds water when it is about the metal.","decision":"auto")"))
      << given.value;
}

TEST_F(text_writing_test, a_long_text_gives_way_to_what_stands_behind_it) {
  const auto long_text = [] {
    std::string all;
    for (int i = 0; i < 100; ++i)
      all += "water boils ";
    return all;
  }();
  const text_writing task{commenting("use {text} when it is hot .", 20)};
  const auto given = write(task, event_json("essay", long_text));
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "when it is hot.\"")) << given.value;
  EXPECT_TRUE(has(given.value, "only its beginning was used")) << given.value;
  auto strict = commenting("use {text} when it is hot .", 20);
  strict.task.text_too_long = overlong::reject;
  EXPECT_EQ(expect_step<rejection>(text_writing{strict}.prepare(record_of(event_json("essay", long_text)))).reason,
            reject_reason::text_too_long);
}

TEST_F(text_writing_test, what_it_cannot_read_goes_to_a_person_without_a_text) {
  const text_writing task{translating()};
  const auto review_of = [&](std::string event, std::string_view why, review_reason counted) {
    const auto given = expect_step<reply>(task.prepare(record_of(std::move(event))));
    EXPECT_TRUE(given.review);
    EXPECT_TRUE(given.tally.has(counted)) << given.value;
    EXPECT_TRUE(has(given.value, R"("translation":null)")) << given.value;
    EXPECT_TRUE(has(given.value, why)) << given.value;
  };
  review_of(event_json("essay", text, R"("lang":"fr")"), "the text is in the language fr, not in en",
            review_reason::language);
  review_of(event_json("essay", "植物用光制造糖。"), "script", review_reason::language);
  review_of(event_json("essay", "qwert zuiop asdfg hjklm."), "unknown to the model", review_reason::language);
  review_of(event_json("essay", "..."), "no sentence with a word", review_reason::nothing_found);
}

TEST_F(text_writing_test, what_was_cut_off_while_it_was_written_goes_to_a_person) {
  const auto given = write(text_writing{summarising()}, event_json("essay", text), true);
  EXPECT_TRUE(given.review);
  EXPECT_TRUE(has(given.value, "cut off at its longest")) << given.value;
}

TEST_F(text_writing_test, a_model_that_gives_another_number_of_texts_made_no_result) {
  const text_writing task{summarising()};
  const auto input = record_of(event_json("essay", text));
  auto next = expect_step<work>(task.prepare(input));
  EXPECT_EQ(expect_step<rejection>(task.complete(input, std::move(next), output_rows{}, {})).reason,
            reject_reason::model_failed);
}

TEST_F(text_writing_test, the_prefix_stands_before_every_prompt) {
  auto wanted = translating();
  wanted.writer = writer(in_units_of(prompt_unit::sentence, "ionic bonds "));
  const auto given = write(text_writing{wanted}, event_json("essay", "Plants use light. It is hot."));
  EXPECT_TRUE(has(given.value, R"("translation":"ionic bonds plants use light. ionic bonds it is hot.")"))
      << given.value;
}

TEST_F(text_writing_test, a_writer_that_cannot_be_is_refused) {
  EXPECT_TRUE(has(text_writer::make(encoder(), in_units_of(prompt_unit::whole, "", "de")).error().message,
                  "no special token for the language 'de'"));
  EXPECT_TRUE(has(text_writer::make(encoder(), in_units_of(prompt_unit::whole, "", "metal")).error().message,
                  "no special token"))
      << "a word is no language";
  EXPECT_TRUE(has(text_writer::make(encoder(4), in_units_of(prompt_unit::whole, "ionic bonds ")).error().message,
                  "the prefix"));
}

TEST_F(text_writing_test, a_target_language_is_the_first_token_written) {
  const auto made = writer(in_units_of(prompt_unit::whole, "", "[MASK]")).prompts("the metal", "");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->sequences.front().wanted->first_token, 4);
}

} // namespace
} // namespace chalkstream::pipelines

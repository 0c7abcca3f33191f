#include "education/event_decoder.hpp"

#include "education/characters.hpp"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <set>

namespace chalkstream::education {
namespace {

std::shared_ptr<const pseudonymiser> test_pseudonyms() {
  const std::array<unsigned char, 32> key{1, 2, 3};
  return pseudonymiser::from_key(key).value();
}

class event_decoder_test : public testing::Test {
protected:
  event_decoder decoder{test_pseudonyms(), only({event_type::short_answer, event_type::essay}), {.max_bytes = 4096}};

  event accepted(std::string_view value) const {
    auto decoded = decoder.decode(value);
    if (const auto* refused = std::get_if<rejection>(&decoded)) {
      ADD_FAILURE() << "rejected: " << refused->detail;
      return {};
    }
    return std::get<event>(std::move(decoded));
  }

  reject_reason refused(std::optional<std::string_view> value, std::string_view names = {}) const {
    auto decoded = decoder.decode(value);
    const auto* why = std::get_if<rejection>(&decoded);
    if (!why) {
      ADD_FAILURE() << "accepted";
      return reject_reason::crashed_process;
    }
    EXPECT_NE(why->detail.find(names), std::string::npos) << why->detail;
    return why->reason;
  }

  /// A valid event with `extra` members added.
  static std::string with(std::string_view extra) {
    return R"({"id":"e1","learner":"learner-007","type":"essay","text":"words",)" + std::string{extra} + "}";
  }

  /// A valid event whose member `name` is `json` instead.
  static std::string replaced(std::string_view name, std::string_view json) {
    std::string out = "{";
    for (auto [key, value] : {std::pair{"id", R"("e1")"},
                              {"learner", R"("learner-007")"},
                              {"type", R"("essay")"},
                              {"text", R"("words")"}})
      out += std::string{out.size() > 1 ? "," : ""} + '"' + key + "\":" + std::string{key == name ? json : value};
    return out + "}";
  }
};

TEST_F(event_decoder_test, reads_every_field_of_the_design) {
  const auto e = accepted(
      R"({"id":"s-1","tenant":"t","learner":"l-1","course":"c","assignment":"a","item":"i","attempt":3,
          "type":"short_answer","text":"caf\u00e9 \ud83d\ude00","references":["r1","r2"],"max_score":2.5,"lang":"en-GB",
          "deadline":"2026-11-24T10:00:00+01:00","priority":"exam","occurred_at":"2026-11-24T08:59:59.5Z"})");
  EXPECT_EQ(e.id, "s-1");
  EXPECT_EQ(e.tenant, "t");
  EXPECT_EQ(e.course, "c");
  EXPECT_EQ(e.assignment, "a");
  EXPECT_EQ(e.item, "i");
  EXPECT_EQ(e.attempt, 3);
  EXPECT_EQ(e.type, event_type::short_answer);
  EXPECT_EQ(e.text, "caf\xC3\xA9 \xF0\x9F\x98\x80");
  EXPECT_EQ(e.references, (std::vector<std::string>{"r1", "r2"}));
  EXPECT_EQ(e.max_score, 2.5);
  EXPECT_EQ(e.lang, "en-GB");
  EXPECT_EQ(e.urgency, priority::exam);
  ASSERT_TRUE(e.deadline && e.occurred_at);
  EXPECT_EQ((*e.deadline - *e.occurred_at).count(), 500);
}

TEST_F(event_decoder_test, reads_the_question_and_answers_that_people_have_graded) {
  const auto e = accepted(with(R"("question":"Why?","max_score":4,"graded":[{"text":"so","label":"correct","who":1},)"
                               R"({"text":"thus","label":null,"score":3.5}])"));
  EXPECT_EQ(e.question, "Why?");
  ASSERT_EQ(e.graded.size(), 2u);
  EXPECT_EQ(e.graded[0].text, "so");
  EXPECT_EQ(e.graded[0].label, "correct");
  EXPECT_FALSE(e.graded[0].score);
  EXPECT_EQ(e.graded[1].label, "");
  EXPECT_EQ(e.graded[1].score, 3.5);
}

TEST_F(event_decoder_test, refuses_graded_answers_that_say_nothing) {
  for (std::string_view entry :
       {R"({"text":"a","label":"good"})", R"({"text":" ","score":1})", R"({"label":"correct"})",
        R"({"text":"a","score":-1})", R"({"text":"a","score":1.5})", R"({"text":"a","text":"b","score":1})"})
    EXPECT_EQ(refused(with("\"graded\":[" + std::string{entry} + "]"), "graded[0]"), reject_reason::invalid_value)
        << entry;
  EXPECT_EQ(refused(with(R"("graded":[{"text":"a"}])"), "a label or a score"), reject_reason::missing_field);
  for (std::string_view extra :
       {R"("graded":"a")", R"("graded":["a"])", R"("graded":[{"text":1,"score":1}])",
        R"("graded":[{"text":"a","label":true}])", R"("graded":[{"text":"a","score":"1"}])", R"("question":["a"])"})
    EXPECT_EQ(refused(with(extra)), reject_reason::wrong_type) << extra;
  std::string many = "\"graded\":[";
  for (int i = 0; i < 257; ++i)
    many += std::string{i ? "," : ""} + "{\"score\":1}";
  EXPECT_EQ(refused(with(many + "]"), "256"), reject_reason::invalid_value);
}

TEST_F(event_decoder_test, lets_the_learner_out_only_as_a_pseudonym) {
  const auto e = accepted(with(R"("tenant":"t")"));
  EXPECT_EQ(e.learner, test_pseudonyms()->pseudonym("t", "learner-007"));
  EXPECT_EQ(e.learner.find("007"), std::string::npos);
}

TEST_F(event_decoder_test, ignores_fields_it_does_not_know_and_treats_null_as_absent) {
  const auto e =
      accepted(with(R"("rubric":{"deep":[1,2,{"x":null}]},"item":null,"max_score":null,"references":null)"));
  EXPECT_EQ(e.item, "");
  EXPECT_FALSE(e.max_score);
  EXPECT_TRUE(e.references.empty());
  EXPECT_EQ(e.attempt, 1);
}

TEST_F(event_decoder_test, requires_id_learner_type_and_text) {
  for (std::string_view name : {"id", "learner", "type", "text"}) {
    EXPECT_EQ(refused(replaced(name, "null"), name), reject_reason::missing_field) << name;
    EXPECT_EQ(refused(replaced(name, "17"), name), reject_reason::wrong_type) << name;
    EXPECT_EQ(refused(replaced(name, R"(["x"])"), name), reject_reason::wrong_type) << name;
  }
  EXPECT_EQ(refused("{}", "id"), reject_reason::missing_field);
  EXPECT_EQ(refused(replaced("id", R"("")"), "id"), reject_reason::invalid_value);
  EXPECT_EQ(refused(replaced("learner", R"("a\u0000b")"), "learner"), reject_reason::invalid_value);
  EXPECT_EQ(refused(replaced("id", '"' + std::string(513, 'x') + '"'), "id"), reject_reason::invalid_value);
}

TEST_F(event_decoder_test, refuses_ids_that_are_numbers) {
  EXPECT_EQ(refused(replaced("learner", "21070000000014012"), "learner"), reject_reason::wrong_type);
  EXPECT_EQ(refused(with(R"("course":7)"), "course"), reject_reason::wrong_type);
}

TEST_F(event_decoder_test, tells_malformed_json_from_everything_else) {
  for (std::string_view value : {"", "   ", "{", "nonsense", R"({"id":"e1",})", R"({"id":"e1"} {"id":"e2"})",
                                 R"({"id":"e1"}x)", R"({"id":"\ud800"})", "{\"id\":\"a\nb\"}", R"({"a":NaN})",
                                 R"({"a":Infinity})", R"({"a":1e999})", R"({"a":01})", R"({'a':1})"})
    EXPECT_EQ(refused(value), reject_reason::malformed_json) << value;
  EXPECT_EQ(refused(std::nullopt), reject_reason::empty_value);
  EXPECT_EQ(refused("[]"), reject_reason::wrong_type);
  EXPECT_EQ(refused("\"text\""), reject_reason::wrong_type);
  EXPECT_EQ(refused("7"), reject_reason::wrong_type);
}

TEST_F(event_decoder_test, refuses_what_is_not_utf8) {
  for (std::string_view bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80"})
    EXPECT_EQ(refused(replaced("text", '"' + std::string{bytes} + '"')), reject_reason::invalid_utf8);
}

TEST_F(event_decoder_test, bounds_size_and_depth) {
  EXPECT_EQ(refused(replaced("text", '"' + std::string(4096, 'x') + '"'), "4096"), reject_reason::too_large);
  const auto nested = [](std::size_t levels) {
    return with("\"x\":" + std::string(levels, '[') + "1" + std::string(levels, ']'));
  };
  accepted(nested(31)); // and the event itself: 32
  EXPECT_EQ(refused(nested(32)), reject_reason::too_deep);
  EXPECT_EQ(refused(nested(1500)), reject_reason::too_deep);
  accepted(nested(1)); // and is none the worse for it
}

TEST_F(event_decoder_test, serves_only_the_types_of_its_pipeline) {
  EXPECT_EQ(refused(replaced("type", R"("haiku")"), "type"), reject_reason::unknown_type);
  EXPECT_EQ(refused(replaced("type", R"("image")"), "type"), reject_reason::unknown_type);
  const event_decoder any{test_pseudonyms(), all_event_types()};
  const auto image = any.decode(R"({"id":"1","learner":"l","type":"image","image":{"uri":"s3://x"}})");
  ASSERT_TRUE(std::holds_alternative<event>(image));
  EXPECT_EQ(std::get<event>(image).type, event_type::image);
  EXPECT_TRUE(std::holds_alternative<rejection>(any.decode(R"({"id":"1","learner":"l","type":"question"})")));
}

TEST_F(event_decoder_test, refuses_texts_with_nothing_to_see) {
  for (std::string_view text : {"", " \\t\\n", "\\u00a0\\u3000", "\\u200b\\u200d\\ufeff", "\\udb40\\udc41"})
    EXPECT_EQ(refused(replaced("text", '"' + std::string{text} + '"'), "text"), reject_reason::empty_text) << text;
}

TEST_F(event_decoder_test, refuses_impossible_values) {
  for (std::string_view extra : {R"("max_score":-1)", R"("attempt":0)", R"("attempt":1.5)", R"("attempt":1e3)",
                                 R"("priority":"soon")", R"("lang":"")", R"("lang":"e n")", R"("lang":"-en")",
                                 R"("deadline":"tomorrow")", R"("occurred_at":"2026-11-24T10:00:00")",
                                 R"("occurred_at":"2026-02-30T10:00:00Z")", R"("references":["ok"," "])"})
    EXPECT_EQ(refused(with(extra)), reject_reason::invalid_value) << extra;
  for (std::string_view extra : {R"("max_score":"4")", R"("attempt":"1")", R"("lang":1)", R"("deadline":1764000000)",
                                 R"("references":"one")", R"("references":["ok",5])", R"("references":{"a":"b"})"})
    EXPECT_EQ(refused(with(extra)), reject_reason::wrong_type) << extra;
  std::string many = "\"references\":[";
  for (int i = 0; i < 65; ++i)
    many += i ? ",\"r\"" : "\"r\"";
  EXPECT_EQ(refused(with(many + "]"), "references"), reject_reason::invalid_value);
}

TEST_F(event_decoder_test, refuses_a_known_field_that_appears_twice) {
  EXPECT_EQ(refused(with(R"("learner":"learner-008")"), "learner"), reject_reason::invalid_value);
  EXPECT_EQ(refused(with(R"("id":null)"), "id"), reject_reason::invalid_value);
  EXPECT_EQ(refused(with(R"("\u0069d":"escaped")"), "id"), reject_reason::invalid_value);
}

TEST_F(event_decoder_test, quotes_nothing_of_the_value_in_a_rejection) {
  for (const auto& value :
       {replaced("learner", "\"SECRET\\u0001\""), replaced("type", R"("SECRET")"), with(R"("lang":"SECRET SECRET")"),
        with(R"("SECRET":1,"id":"SECRET")"), std::string{R"({"SECRET)"}, with(R"("deadline":"SECRET")"),
        with(R"("priority":"SECRET")"), with(R"("graded":[{"text":"SECRET","label":"SECRET"}])"),
        with(R"("graded":[{"text":"SECRET","SECRET":1}])")}) {
    const auto decoded = decoder.decode(value);
    ASSERT_TRUE(std::holds_alternative<rejection>(decoded));
    EXPECT_EQ(std::get<rejection>(decoded).detail.find("SECRET"), std::string::npos);
  }
}

TEST_F(event_decoder_test, survives_every_truncation_and_every_flipped_byte_of_an_event) {
  const auto whole = with(R"("references":["a","b"],"max_score":4,"lang":"en","occurred_at":"2026-11-24T10:00:00Z")");
  for (std::size_t length = 0; length < whole.size(); ++length)
    refused(std::string_view{whole}.substr(0, length));
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (unsigned char flip : {0x01, 0x20, 0x80, 0xff}) {
      auto damaged = whole;
      damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ flip);
      const auto decoded = decoder.decode(damaged);
      if (const auto* e = std::get_if<event>(&decoded)) {
        EXPECT_FALSE(e->id.empty());
      }
    }
}

TEST_F(event_decoder_test, decodes_a_large_event_and_then_small_ones) {
  const event_decoder roomy{test_pseudonyms(), all_event_types(), {.max_bytes = 16 << 20}};
  const auto large = replaced("text", '"' + std::string(10 << 20, 'x') + '"');
  const auto decoded = roomy.decode(large);
  ASSERT_TRUE(std::holds_alternative<event>(decoded));
  EXPECT_EQ(std::get<event>(decoded).text.size(), 10u << 20);
  EXPECT_EQ(accepted(replaced("text", R"("small")")).text, "small");
}

TEST_F(event_decoder_test, takes_a_whole_number_of_sentences) {
  EXPECT_EQ(accepted(with(R"("max_sentences":3)")).max_sentences, 3u);
  EXPECT_EQ(accepted(with(R"("max_sentences":null)")).max_sentences, std::nullopt);
  EXPECT_EQ(refused(with(R"("max_sentences":"3")"), "max_sentences"), reject_reason::wrong_type);
  for (const auto* json : {"0", "-1", "2.5", "101", "1e30"})
    EXPECT_EQ(refused(with(R"("max_sentences":)" + std::string{json}), "max_sentences"), reject_reason::invalid_value)
        << json;
}

TEST(example_events, decode_all_of_the_submissions_and_none_of_the_broken_ones) {
  const event_decoder decoder{test_pseudonyms(), only({event_type::short_answer, event_type::essay})};
  std::ifstream submissions{"examples/submissions.jsonl"}, broken{"examples/broken.jsonl", std::ios::binary};
  ASSERT_TRUE(submissions && broken);
  std::set<std::string> ids;
  std::size_t chinese = 0, essays = 0;
  for (std::string line; std::getline(submissions, line);) {
    const auto decoded = decoder.decode(line);
    const auto* e = std::get_if<event>(&decoded);
    ASSERT_TRUE(e) << line.substr(0, 60);
    EXPECT_TRUE(ids.insert(e->id).second) << e->id;
    chinese += count_letters(e->text).other_share() > 0.5;
    essays += e->type == event_type::essay;
  }
  EXPECT_GE(ids.size(), 300u);
  EXPECT_GE(chinese, 15u);
  EXPECT_GE(essays, 20u);

  std::ifstream to_summarise{"examples/essays.jsonl"};
  std::size_t summaries = 0;
  for (std::string line; std::getline(to_summarise, line); ++summaries) {
    const auto decoded = decoder.decode(line);
    ASSERT_TRUE(std::holds_alternative<event>(decoded)) << line.substr(0, 60);
    EXPECT_TRUE(ids.insert(std::get<event>(decoded).id).second);
  }
  EXPECT_GE(summaries, 8u);

  std::ifstream one{"examples/graded.json"};
  std::string line;
  ASSERT_TRUE(std::getline(one, line));
  const auto decoded = decoder.decode(line);
  ASSERT_TRUE(std::holds_alternative<event>(decoded));
  EXPECT_EQ(std::get<event>(decoded).graded.size(), 10u);

  std::set<reject_reason> reasons;
  std::size_t count = 0;
  for (; std::getline(broken, line); ++count) {
    const auto refused = decoder.decode(line);
    ASSERT_TRUE(std::holds_alternative<rejection>(refused)) << line.substr(0, 60);
    reasons.insert(std::get<rejection>(refused).reason);
  }
  EXPECT_GE(count, 12u);
  EXPECT_GE(reasons.size(), 7u);
}

} // namespace
} // namespace chalkstream::education

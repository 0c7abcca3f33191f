// Questions from a topic to answers on another, by two small random models: where a record goes, not how good it is.
#include "pipelines/service.hpp"
#include "pipelines/tools/topic_io.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace chalkstream::pipelines {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;

class answering_service_test : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chalkstream-answering-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const fs::path goldens = "tests/models/goldens";
    for (const auto& [model, golden] :
         std::map<std::string, std::string>{{"encoder", "gelu"}, {"reader", "bert_span"}}) {
      fs::copy(goldens / golden, folder_ / model, fs::copy_options::recursive);
      fs::copy(goldens / "words" / "tokenizer.json", folder_ / model);
    }
    std::ofstream{folder_ / "material.jsonl"}
        << R"({"id":"moon","title":"The moon","tenant":"north","text":"The earth pulls the moon because of gravity. The river cuts the valley."})"
        << "\n"
        << R"({"id":"cell","tenant":"south","text":"The cell makes energy from sugar and water."})"
        << "\n";
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  /// Starts, asks, and ends; results by the event's id.
  std::map<std::string, json> ask(const std::vector<std::string>& questions) {
    std::map<std::string, json> answers;
    const auto wanted = parse_configuration(R"(
kafka: {brokers: embedded}
monitoring: {listen: off}
engine: {slots: 2}
models:
  encoder: {path: encoder, languages: any, token_budget: 512}
  reader: {path: reader, languages: any, token_budget: 512}
pipelines:
  answers:
    {kind: answering, from: questions, to: answers, model: encoder, reader: reader, material: material.jsonl,
     least_similarity: 0, no_answer_below: 0, review_below: 0}
)",
                                            "c", folder_);
    if (!wanted) {
      ADD_FAILURE() << wanted.error().message;
      return answers;
    }
    auto running = service::start(*wanted, {});
    if (!running) {
      ADD_FAILURE() << running.error().message;
      return answers;
    }
    const auto ready = (*running)->wait_ready(30s);
    EXPECT_TRUE(ready && *ready);
    auto sender = tools::event_sender::make((*running)->brokers(), "questions", log::none());
    auto watcher = tools::result_watcher::make((*running)->brokers(), "answers", log::none());
    EXPECT_TRUE(sender && watcher);
    for (const auto& question : questions)
      EXPECT_TRUE((*sender)->send(std::nullopt, question));
    EXPECT_TRUE((*sender)->flush(10s));
    for (const auto end = std::chrono::steady_clock::now() + 30s;
         answers.size() < questions.size() && std::chrono::steady_clock::now() < end;)
      if (const auto fresh = (*watcher)->read(1s))
        for (const auto& one : *fresh)
          answers[json::parse(one.value).at("event")] = json::parse(one.value);
    (*running)->drain();
    while (!(*running)->wait_for(1s)) {
    }
    return answers;
  }

  fs::path folder_;
};

TEST_F(answering_service_test, a_question_passes_the_encoder_and_the_reader_and_comes_out_with_its_passages) {
  const std::vector<std::string> questions{
      R"({"id":"q1","tenant":"north","learner":"l","type":"question","text":"What pulls the moon?"})",
      R"({"id":"q2","tenant":"south","learner":"l","type":"question","text":"What makes energy?"})",
      R"({"id":"q3","tenant":"west","learner":"l","type":"question","text":"What is it?"})"};
  const auto first = ask(questions);
  ASSERT_EQ(first.size(), 3u);
  for (const auto& [event, passage] : std::map<std::string, std::string>{{"q1", "moon#1"}, {"q2", "cell#1"}}) {
    const auto& result = first.at(event);
    ASSERT_EQ(result.at("passages").size(), 1u) << result;
    const auto& found = result.at("passages").at(0);
    EXPECT_EQ(found.at("id"), passage);
    EXPECT_EQ(result.at("model").at("name"), "reader");
    EXPECT_EQ(result.at("retriever").at("name"), "encoder");
    EXPECT_GT(result.at("timing").at("compute").get<double>(), 0);
    if (const auto& answer = result.at("answer"); answer.is_null()) {
      EXPECT_EQ(result.at("decision"), "review");
    } else {
      const auto start = answer.at("start").get<std::size_t>();
      const auto text = found.at("text").get<std::string>();
      EXPECT_EQ(answer.at("text"), text.substr(start, answer.at("end").get<std::size_t>() - start));
      EXPECT_EQ(result.at("confidence"), found.at("score"));
    }
  }
  EXPECT_TRUE(first.at("q3").at("passages").empty()) << "a tenant without material";
  ASSERT_TRUE(fs::exists(folder_ / "state" / "passages" / "answers"));

  const auto second = ask(questions); // the passages come out of the cache
  ASSERT_EQ(second.size(), 3u);
  for (const auto& [event, result] : second) {
    EXPECT_EQ(result.at("answer"), first.at(event).at("answer"));
    EXPECT_EQ(result.at("passages"), first.at(event).at("passages"));
  }
}

TEST_F(answering_service_test, a_question_of_a_million_characters_goes_to_a_person_and_the_next_one_is_answered) {
  std::string text;
  while (text.size() < 1'000'000)
    text += "what pulls the moon ";
  const auto answers =
      ask({json{{"id", "q1"}, {"tenant", "north"}, {"learner", "l"}, {"type", "question"}, {"text", text}}.dump(),
           R"({"id":"q2","tenant":"north","learner":"l","type":"question","text":"What pulls the moon?"})"});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers.at("q1").at("decision"), "review");
  EXPECT_TRUE(answers.at("q1").at("answer").is_null());
  EXPECT_EQ(answers.at("q2").at("passages").size(), 1u);
}

TEST_F(answering_service_test, check_names_the_line_of_material_that_is_wrong) {
  std::ofstream{folder_ / "material.jsonl", std::ios::app} << "{\"id\":\"x\"}\n";
  const auto wanted =
      parse_configuration("kafka: {brokers: embedded}\nmodels: {encoder: {path: encoder}}\npipelines:\n"
                          "  a: {kind: answering, from: q, to: a, model: encoder, material: material.jsonl}\n",
                          "c", folder_);
  ASSERT_TRUE(wanted) << wanted.error().message;
  const auto checked = service::check(*wanted, true, log::none());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "c:4:66: " + (folder_ / "material.jsonl").string() + ":3: text is missing");
}

} // namespace
} // namespace chalkstream::pipelines

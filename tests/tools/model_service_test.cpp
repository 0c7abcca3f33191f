// Models behind a running service: those that fail on some texts, where a dead letter says why and nothing else is
// disturbed, and those that come as a program.
#include "kafka/topic_reader.hpp"
#include "models/safetensors.hpp"
#include "pipelines/service.hpp"
#include "pipelines/tools/topic_io.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

namespace chalkstream::pipelines {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

class model_service_test : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chalkstream-model-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void add_model(const std::string& name, const fs::path& golden) const {
    fs::copy(golden, folder_ / name, fs::copy_options::recursive);
    fs::copy("tests/models/goldens/words/tokenizer.json", folder_ / name);
  }

  // Every number of the row that the table has for "sugar" becomes none. Tables are used where they lie, unread until
  // then.
  void poison(const std::string& model, const std::string& table) const {
    constexpr float value = std::numeric_limits<float>::quiet_NaN();
    std::ifstream words(folder_ / model / "tokenizer.json");
    const auto row = json::parse(words).at("model").at("vocab").at("sugar").get<std::size_t>();
    const auto file = folder_ / model / "model.safetensors";
    const auto archive = models::tensor_archive::open_file(file).value();
    std::vector<models::tensor_view> tensors(archive.tensors().begin(), archive.tensors().end());
    std::vector<std::byte> changed;
    for (auto& each : tensors)
      if (each.name == table) {
        changed.assign(each.bytes.begin(), each.bytes.end());
        const auto width = each.shape.at(1);
        for (std::size_t i = 0; i < width; ++i)
          std::memcpy(changed.data() + (row * width + i) * sizeof value, &value, sizeof value);
        each.bytes = changed;
      }
    ASSERT_FALSE(changed.empty()) << "no tensor " << table;
    ASSERT_TRUE(models::write_safetensors(file, tensors)); // a new file in its place: the mapped one stays whole
  }

  /// Starts, sends the texts as events of these ids, and waits until each pipeline has answered each of them.
  void serve(const std::string& models_and_pipelines, const std::map<std::string, std::string>& texts,
             const std::vector<std::string>& topics) {
    const auto wanted = parse_configuration(
        "kafka: {brokers: embedded}\nmonitoring: {listen: off}\nengine: {slots: 2}\n" + models_and_pipelines, "c",
        folder_);
    ASSERT_TRUE(wanted) << wanted.error().message;
    auto running = service::start(*wanted, {});
    ASSERT_TRUE(running) << running.error().message;
    const auto ready = (*running)->wait_ready(30s);
    ASSERT_TRUE(ready && *ready);
    auto sender = tools::event_sender::make((*running)->brokers(), "in", log::none());
    ASSERT_TRUE(sender);
    for (const auto& [id, text] : texts) {
      const json event{{"id", id},    {"tenant", "t"}, {"learner", "l"},         {"course", "c"}, {"assignment", "a"},
                       {"item", "i"}, {"text", text},  {"type", "short_answer"}, {"lang", "en"}};
      ASSERT_TRUE((*sender)->send(std::nullopt, event.dump()));
    }
    ASSERT_TRUE((*sender)->flush(10s));
    std::map<std::string, kafka::topic_reader> readers;
    for (const auto& topic : topics)
      for (const auto& each : {topic, topic + ".dead"}) {
        auto reader =
            kafka::topic_reader::open((*running)->brokers(), each, kafka::isolation::committed, {}, 10s, log::none());
        ASSERT_TRUE(reader) << reader.error().message;
        readers.emplace(each, std::move(*reader));
      }
    std::size_t seen = 0;
    for (const auto end = std::chrono::steady_clock::now() + 40s;
         seen < texts.size() * topics.size() && std::chrono::steady_clock::now() < end;)
      for (auto& [topic, reader] : readers) {
        const auto fresh = reader.read(100, 50ms);
        ASSERT_TRUE(fresh) << fresh.error().message;
        seen += fresh->size();
        for (const auto& one : *fresh)
          keep(topic, one);
      }
    EXPECT_EQ(seen, texts.size() * topics.size());
  }

  void keep(const std::string& topic, const record& one) {
    const auto value = json::parse(one.value.value_or("null"));
    if (!topic.ends_with(".dead")) {
      answers[topic][value.at("event")] = value;
      return;
    }
    auto& reason = reasons[topic][value.at("id")];
    for (const auto& header : one.headers)
      if (header.name == "chalkstream_reason" || header.name == "chalkstream_detail")
        reason.append(header.value.value_or("")).append(" ");
  }

  fs::path folder_;
  std::map<std::string, std::map<std::string, json>> answers;
  std::map<std::string, std::map<std::string, std::string>> reasons;
};

const std::map<std::string, std::string> texts{{"1", "water is in the cell"},
                                               {"2", "light makes sugar"},
                                               {"3", "the moon"},
                                               {"4", "sugar"},
                                               {"5", "the river cuts the valley"}};

TEST_F(model_service_test, vectors_that_are_not_numbers_are_dead_letters_and_the_others_are_answered) {
  add_model("poisoned", "tests/models/goldens/gelu");
  add_model("healthy", "tests/models/goldens/gelu");
  poison("poisoned", "embeddings.word_embeddings.weight");
  serve("models:\n"
        "  poisoned: {path: poisoned, token_budget: 512}\n"
        "  healthy: {path: healthy, token_budget: 512}\n"
        "pipelines:\n"
        "  one: {kind: embedding, from: in, to: one, dead_letters: one.dead, model: poisoned}\n"
        "  two: {kind: embedding, from: in, to: two, dead_letters: two.dead, model: healthy}\n",
        texts, {"one", "two"});
  EXPECT_THAT(answers["one"], UnorderedElementsAre(Key("1"), Key("3"), Key("5")));
  EXPECT_THAT(reasons["one.dead"], UnorderedElementsAre(Key("2"), Key("4")));
  for (const auto& [id, reason] : reasons["one.dead"])
    EXPECT_THAT(reason, HasSubstr("model_failed corrupt: the model's output is not finite")) << id;
  EXPECT_EQ(answers["two"].size(), texts.size());
  EXPECT_THAT(reasons["two.dead"], IsEmpty());
  for (const auto& [id, answer] : answers["one"])
    EXPECT_EQ(answer.at("embedding"), answers["two"].at(id).at("embedding")) << id;
}

TEST_F(model_service_test, logits_that_are_not_numbers_end_one_text_and_the_others_are_written) {
  add_model("poisoned", "tests/generation/goldens/qwen2");
  add_model("healthy", "tests/generation/goldens/qwen2");
  poison("poisoned", "model.embed_tokens.weight");
  serve("models:\n"
        "  poisoned: {path: poisoned}\n"
        "  healthy: {path: healthy}\n"
        "pipelines:\n"
        "  one: {kind: feedback, from: in, to: one, dead_letters: one.dead, model: poisoned, prompt: '{text}',\n"
        "        writing: {max_new_tokens: 4}}\n"
        "  two: {kind: feedback, from: in, to: two, dead_letters: two.dead, model: healthy, prompt: '{text}',\n"
        "        writing: {max_new_tokens: 4}}\n",
        texts, {"one", "two"});
  EXPECT_THAT(answers["one"], UnorderedElementsAre(Key("1"), Key("3"), Key("5")));
  EXPECT_THAT(reasons["one.dead"], UnorderedElementsAre(Key("2"), Key("4")));
  for (const auto& [id, reason] : reasons["one.dead"])
    EXPECT_THAT(reason, HasSubstr("model_failed corrupt: the model's logits are not finite")) << id;
  EXPECT_EQ(answers["two"].size(), texts.size());
  EXPECT_THAT(reasons["two.dead"], IsEmpty());
  for (const auto& [id, answer] : answers["one"])
    EXPECT_EQ(answer.at("feedback"), answers["two"].at(id).at("feedback")) << id;
}

TEST_F(model_service_test, an_exported_program_serves_a_pipeline_whose_configuration_allows_code) {
  add_model("mine", "tests/models/goldens/exported/embeddings");
  const std::string pipelines = "pipelines: {one: {kind: embedding, from: in, to: one, model: mine}}\n";
  const auto careful = parse_configuration("kafka: {brokers: embedded}\nmonitoring: {listen: off}\n"
                                           "models: {mine: {path: mine}}\n"
                                               + pipelines,
                                           "c", folder_);
  ASSERT_TRUE(careful) << careful.error().message;
  const auto refused = service::start(*careful, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("c:3:23: "));
  EXPECT_THAT(refused.error().message, HasSubstr("say allow_code: true"));
  serve("models: {mine: {path: mine, allow_code: true, token_budget: 512}}\n"
        "pipelines: {one: {kind: embedding, from: in, to: one, dead_letters: one.dead, model: mine}}\n",
        texts, {"one"});
  EXPECT_EQ(answers["one"].size(), texts.size());
  for (const auto& [id, answer] : answers["one"]) {
    EXPECT_EQ(answer.at("embedding").size(), 32U) << id;
    EXPECT_EQ(answer.at("model").at("digest").get<std::string>().size(), 64U);
  }
}

} // namespace
} // namespace chalkstream::pipelines

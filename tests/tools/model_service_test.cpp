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
    std::map<std::string, json> events;
    for (const auto& [id, text] : texts)
      events[id] = {{"text", text}, {"type", "short_answer"}, {"lang", "en"}};
    serve(models_and_pipelines, events, topics);
  }

  /// The same of any events, whose ids and learner are added.
  void serve(const std::string& models_and_pipelines, std::map<std::string, json> events,
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
    for (auto& [id, event] : events) {
      event.update(
          {{"id", id}, {"tenant", "t"}, {"learner", "l"}, {"course", "c"}, {"assignment", "a"}, {"item", "i"}});
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
         seen < events.size() * topics.size() && std::chrono::steady_clock::now() < end;)
      for (auto& [topic, reader] : readers) {
        const auto fresh = reader.read(100, 50ms);
        ASSERT_TRUE(fresh) << fresh.error().message;
        seen += fresh->size();
        for (const auto& one : *fresh)
          keep(topic, one);
      }
    EXPECT_EQ(seen, events.size() * topics.size());
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

/// Ids as clip_texts has them: 0 begins, 38 ends, and 3 to 6 are words.
json tokenizer_of_few_words() {
  auto made = json::parse(R"({"version": "1.0", "truncation": null, "padding": null,
  "added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true},
                   {"id": 38, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true}],
  "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "</s>", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                       "</s>": {"id": "</s>", "ids": [38], "tokens": ["</s>"]}}},
  "decoder": null,
  "model": {"type": "WordLevel", "unk_token": "<unk>",
            "vocab": {"<s>": 0, "<unk>": 2, "the": 3, "a": 4, "b": 5, "c": 6, "</s>": 38}}})");
  auto& words = made.at("model").at("vocab");
  for (const int id : {1, 39})
    words["w" + std::to_string(id)] = id;
  for (int id = 7; id < 38; ++id)
    words["w" + std::to_string(id)] = id;
  return made;
}

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

TEST_F(model_service_test, images_are_read_by_a_model_that_writes_and_told_by_one_that_compares) {
  add_model("reader", "tests/generation/goldens/trocr");
  add_model("comparer", "tests/models/goldens/vision/clip_texts");
  fs::copy(folder_ / "reader" / "preprocessor_config.json", folder_ / "comparer");
  auto pictures = json::parse(std::ifstream(folder_ / "comparer" / "preprocessor_config.json"));
  pictures["size"] = {{"height", 24}, {"width", 24}};
  std::ofstream(folder_ / "comparer" / "preprocessor_config.json") << pictures;
  std::ofstream(folder_ / "comparer" / "tokenizer.json") << tokenizer_of_few_words();
  std::map<std::string, json> events;
  std::map<std::string, json> expected;
  for (const auto& item : json::parse(std::ifstream("tests/generation/goldens/answers.json")))
    if (item.at("model") == "trocr") {
      expected["seen"] = item.at("answer");
      events["seen"] = {{"type", "image"}, {"image", item.at("line").at("image")}};
    }
  ASSERT_EQ(events.size(), 1U);
  events["broken"] = {{"type", "image"}, {"image", {{"data", "bm8gaW1hZ2U="}}}};
  serve("models:\n"
        "  reader: {path: reader}\n"
        "  comparer: {path: comparer}\n"
        "pipelines:\n"
        "  one: {kind: recognition, from: in, to: one, dead_letters: one.dead, model: reader, review_below: 0,\n"
        "        writing: {max_new_tokens: 12}}\n"
        "  two: {kind: recognition, from: in, to: two, dead_letters: two.dead, model: comparer, labels: [a, b, c],\n"
        "        prompt: 'the {}'}\n",
        events, {"one", "two"});
  for (const std::string topic : {"one", "two"}) {
    EXPECT_THAT(answers[topic], UnorderedElementsAre(Key("seen")));
    EXPECT_THAT(reasons[topic + ".dead"]["broken"], HasSubstr("unreadable_image"));
  }
  const auto& read = answers["one"]["seen"];
  EXPECT_EQ(read.at("text"), expected["seen"].at("text"));
  EXPECT_NEAR(read.at("confidence").get<double>(), expected["seen"].at("confidence").get<double>(), 1e-4);
  EXPECT_EQ(read.at("pages").at(0).at("text"), read.at("text"));
  const auto& told = answers["two"]["seen"];
  EXPECT_THAT(told.at("label").get<std::string>(), ::testing::AnyOf("a", "b", "c"));
  EXPECT_GT(told.at("confidence").get<double>(), 1.0 / 3);
}

TEST_F(model_service_test, labels_need_a_model_that_compares) {
  add_model("classes", "tests/models/goldens/vision/vit_classifier");
  fs::copy("tests/models/goldens/generating/trocr/preprocessor_config.json", folder_ / "classes");
  const auto refused = [&](const std::string& keys) {
    const auto wanted = parse_configuration("kafka: {brokers: embedded}\nmonitoring: {listen: off}\n"
                                            "models: {classes: {path: classes}}\npipelines:\n"
                                            "  one: {kind: recognition, from: in, to: one, model: classes, "
                                                + keys + "}\n",
                                            "c", folder_);
    EXPECT_TRUE(wanted) << wanted.error().message;
    const auto started = service::start(*wanted, {});
    return started ? std::string() : started.error().message;
  };
  EXPECT_THAT(refused("labels: [a, b]"), HasSubstr("'classes' has no vectors of texts"));
  EXPECT_THAT(refused("writing: {beams: 2}"), HasSubstr("'classes' does not write"));
}

TEST_F(model_service_test, clips_need_a_model_that_tells_classes) {
  add_model("reader", "tests/generation/goldens/trocr");
  const auto wanted = parse_configuration("kafka: {brokers: embedded}\nmonitoring: {listen: off}\n"
                                          "models: {reader: {path: reader}}\npipelines:\n"
                                          "  one: {kind: video, from: in, to: one, model: reader}\n",
                                          "c", folder_);
  ASSERT_TRUE(wanted) << wanted.error().message;
  const auto started = service::start(*wanted, {});
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("'reader' reads images; clips need one that tells their classes"));
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

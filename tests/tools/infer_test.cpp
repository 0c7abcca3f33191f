// `infer` from text to answer, on the small models of tests/models/goldens with a tokenizer of their size.
#include "pipelines/tools/infer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <tuple>

namespace chalkstream::pipelines::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

const fs::path goldens = "tests/models/goldens";
const fs::path writers = "tests/generation/goldens";

/// A golden model with a tokenizer, in a folder of its own.
class model_folder {
public:
  explicit model_folder(const std::string& golden, const fs::path& among = goldens) {
    std::string name = (fs::temp_directory_path() / "chalkstream-infer-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary folder");
    path_ = name;
    fs::copy(among / golden, path_, fs::copy_options::recursive);
    fs::copy(goldens / "words" / "tokenizer.json", path_);
  }
  ~model_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  model_folder(const model_folder&) = delete;
  model_folder& operator=(const model_folder&) = delete;

  result<std::vector<json>> infer(const std::string& task, const std::vector<std::string>& lines,
                                  const json& wanted = json::object(), const writing_settings& writing = {}) const {
    std::stringstream in, out;
    for (const auto& line : lines)
      in << line << '\n';
    infer_settings settings;
    settings.model = path_;
    settings.task = *infer_task_from(task);
    settings.slots = 2;
    settings.writing = writing;
    settings.span.stride = wanted.value("stride", settings.span.stride);
    settings.span.longest = wanted.value("answer_tokens", settings.span.longest);
    settings.span.most_windows = wanted.value("most_windows", settings.span.most_windows);
    if (wanted.contains("no_answer_below"))
      settings.no_answer_below = wanted.at("no_answer_below").get<double>();
    CHALK_CHECK(tools::infer(in, out, settings, observer::none(), log::none()));
    std::vector<json> answers;
    for (std::string line; std::getline(out, line);)
      answers.push_back(json::parse(line));
    return answers;
  }

  /// The tokens of ids up to `id` that the tokenizer does not have, the last of them with that text.
  void add_token(const std::string& text, std::size_t id) const {
    auto tokenizer = json::parse(std::ifstream(path_ / "tokenizer.json"));
    for (auto next = tokenizer.at("model").at("vocab").size(); next <= id; ++next)
      tokenizer["added_tokens"].push_back({{"id", next},
                                           {"content", next == id ? text : "unused" + std::to_string(next)},
                                           {"single_word", false},
                                           {"lstrip", false},
                                           {"rstrip", false},
                                           {"normalized", false},
                                           {"special", false}});
    std::ofstream(path_ / "tokenizer.json") << tokenizer;
  }

private:
  fs::path path_;
};

// Numbers within 1e-4, everything else the same.
void expect_same(const json& expected, const json& got, const std::string& where) {
  if (expected.is_number()) {
    ASSERT_TRUE(got.is_number()) << where << ": " << got;
    EXPECT_NEAR(expected.get<double>(), got.get<double>(), 1e-4) << where;
  } else if (expected.is_structured()) {
    ASSERT_EQ(expected.size(), got.size()) << where << ": " << got;
    for (const auto& [key, value] : expected.items())
      expect_same(value, expected.is_array() ? got.at(std::stoul(key)) : got.at(key), where + "/" + key);
  } else if (!expected.is_null()) { // null: anything
    EXPECT_EQ(expected, got) << where;
  }
}

TEST(infer_test, answers_every_task_as_transformers_would) {
  std::ifstream file(goldens / "words" / "answers.json");
  std::map<std::tuple<std::string, std::string, json>, std::vector<json>> by_model;
  for (const auto& item : json::parse(file))
    by_model[{item.at("model"), item.at("task"), item.at("settings")}].push_back(item);
  ASSERT_FALSE(by_model.empty());
  for (const auto& [run, items] : by_model) {
    const auto& [model, task, settings] = run;
    std::vector<std::string> lines;
    for (const auto& item : items)
      lines.push_back(item.at("line").dump());
    const auto answers = model_folder(model).infer(task, lines, settings);
    ASSERT_TRUE(answers) << answers.error().message;
    ASSERT_EQ(answers->size(), items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
      expect_same(items[i].at("answer"), answers->at(i), model + " " + settings.dump() + " " + lines[i]);
  }
}

TEST(infer_test, writes_what_transformers_would) {
  std::ifstream file(writers / "answers.json");
  const auto items = json::parse(file);
  ASSERT_FALSE(items.empty());
  writing_settings wanted;
  wanted.generation.max_new_tokens = 12;
  for (const auto& item : items) {
    const auto answers =
        model_folder(item.at("model"), writers).infer(item.at("task"), {item.at("line").dump()}, json::object(), wanted);
    ASSERT_TRUE(answers) << answers.error().message;
    expect_same(item.at("answer"), answers->at(0), item.at("model").get<std::string>());
  }
}

TEST(infer_test, many_texts_are_written_together_and_come_in_the_order_of_their_lines) {
  const model_folder folder("gpt2", writers);
  writing_settings wanted;
  std::vector<std::string> lines;
  for (int i = 0; i < 40; ++i)
    lines.push_back(json{{"id", i}, {"text", i % 2 == 0 ? "the moon" : "water is in the cell and the river"}}.dump());
  const auto together = folder.infer("generate", lines, json::object(), wanted);
  ASSERT_TRUE(together) << together.error().message;
  ASSERT_EQ(together->size(), lines.size());
  const auto alone = folder.infer("generate", {lines[0], lines[1]}, json::object(), wanted);
  ASSERT_TRUE(alone);
  for (std::size_t i = 0; i < together->size(); ++i) {
    EXPECT_EQ(together->at(i).at("id"), i);
    EXPECT_EQ(together->at(i).at("text"), alone->at(i % 2).at("text"));
  }
}

TEST(infer_test, a_text_that_cannot_be_written_says_why_and_the_others_are_written) {
  const model_folder folder("gpt2", writers);
  const auto answers = folder.infer("generate", {R"({"id":1,"text":"a","pair":"b"})", R"({"id":2,"text":"the"})"});
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_THAT(answers->at(0).at("error").get<std::string>(), HasSubstr("`pair`"));
  EXPECT_GT(answers->at(1).at("tokens"), 0);
  writing_settings wanted;
  wanted.target_language = "de";
  EXPECT_THAT(folder.infer("translate", {}, json::object(), wanted).error().message, HasSubstr("no special token for the language"));
  EXPECT_THAT(model_folder("bert_span").infer("generate", {}).error().message, HasSubstr("no model that writes"));
}

TEST(infer_test, a_score_is_its_logit_as_text) {
  const auto answers = model_folder("regression").infer("score", {R"({"id":1,"text":"a","pair":"the moon"})"});
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_NEAR(std::stod(answers->at(0).at("label").get<std::string>()),
              answers->at(0).at("logits").at(0).get<double>(), 1e-6);
}

TEST(infer_test, a_line_that_does_not_suit_the_task_says_why_and_the_others_are_answered) {
  const auto spans = model_folder("bert_span")
                         .infer("span", {R"({"id":1,"text":"what"})", R"({"id":2})",
                                         R"({"id":3,"text":"what","pair":"it is water"})"});
  ASSERT_TRUE(spans) << spans.error().message;
  EXPECT_THAT(spans->at(0).at("error").get<std::string>(), HasSubstr("`pair`"));
  EXPECT_THAT(spans->at(1).at("error").get<std::string>(), HasSubstr("`text`"));
  EXPECT_TRUE(spans->at(2).contains("answer"));
  std::string passage = R"({"id":4,"text":"what","pair":")";
  for (int i = 0; i < 500; ++i)
    passage += "water ";
  const auto few = model_folder("bert_span").infer("span", {passage + "\"}"}, {{"most_windows", 5}});
  ASSERT_TRUE(few) << few.error().message;
  EXPECT_THAT(few->at(0).at("error").get<std::string>(), HasSubstr("more than 5 windows of the model's 40 tokens"));
  const auto tags = model_folder("bert_tokens").infer("tag", {R"({"id":1,"text":"a","pair":"b"})"});
  ASSERT_TRUE(tags) << tags.error().message;
  EXPECT_THAT(tags->at(0).at("error").get<std::string>(), HasSubstr("without `pair`"));
}

TEST(infer_test, a_token_that_the_model_has_no_row_for_says_so_and_the_others_are_answered) {
  const std::vector<std::string> lines{R"({"id":1,"text":"the neutrino"})", R"({"id":2,"text":"the moon"})"};
  for (const auto& [task, model, among] : {std::tuple("embed", "gelu", goldens),
                                           {"classify", "classifier", goldens},
                                           {"generate", "gpt2", writers},
                                           {"translate", "marian", writers}}) {
    const model_folder folder(model, among);
    folder.add_token("neutrino", 97);
    const auto answers = folder.infer(task, lines);
    ASSERT_TRUE(answers) << answers.error().message;
    EXPECT_THAT(answers->at(0).at("error").get<std::string>(), HasSubstr("outside the model's vocabulary")) << model;
    EXPECT_FALSE(answers->at(1).contains("error")) << model;
  }
}

TEST(infer_test, a_million_characters_are_cut_read_in_parts_or_refused_and_never_a_crash_or_a_hang) {
  std::string words;
  while (words.size() < 1'000'000)
    words += "water is in the cell ";
  const std::string one_word(1'000'000, 'x');
  writing_settings few;
  few.generation.max_new_tokens = 4;
  for (const auto& [task, model, among] : {std::tuple("embed", "gelu", goldens),
                                           {"classify", "classifier", goldens},
                                           {"tag", "bert_tokens", goldens},
                                           {"summarize", "gelu", goldens},
                                           {"generate", "gpt2", writers},
                                           {"translate", "marian", writers},
                                           {"summarize", "bart", writers}}) {
    const model_folder folder(model, among);
    const auto answers = folder.infer(task,
                                      {json{{"id", 1}, {"text", words}}.dump(),
                                       json{{"id", 2}, {"text", one_word}}.dump(), R"({"id":3,"text":"the moon"})"},
                                      json::object(), few);
    ASSERT_TRUE(answers) << answers.error().message;
    ASSERT_EQ(answers->size(), 3U) << task;
    for (int i = 0; i < 2; ++i)
      EXPECT_TRUE(!answers->at(i).contains("error") || !answers->at(i).at("error").get<std::string>().empty())
          << task;
    EXPECT_FALSE(answers->at(2).contains("error")) << task << answers->at(2);
  }
  const auto spans = model_folder("bert_span")
                         .infer("span", {json{{"id", 1}, {"text", "what"}, {"pair", words}}.dump(),
                                         json{{"id", 2}, {"text", "what"}, {"pair", one_word}}.dump(),
                                         R"({"id":3,"text":"what","pair":"the moon"})"});
  ASSERT_TRUE(spans) << spans.error().message;
  EXPECT_THAT(spans->at(0).at("error").get<std::string>(), HasSubstr("windows of the model's 40 tokens"));
  EXPECT_TRUE(spans->at(2).contains("answer"));
}

TEST(infer_test, a_model_whose_head_does_not_serve_the_task_is_refused_by_name) {
  EXPECT_THAT(model_folder("classifier").infer("score", {}).error().message,
              HasSubstr("3 labels; score needs a head with one"));
  EXPECT_THAT(model_folder("classifier").infer("span", {}).error().message, HasSubstr("no question answering head"));
  EXPECT_THAT(model_folder("bert_span").infer("tag", {}).error().message, HasSubstr("no token classification head"));
  EXPECT_THAT(model_folder("bert_tokens").infer("classify", {}).error().message, HasSubstr("no classification head"));
}

} // namespace
} // namespace chalkstream::pipelines::tools

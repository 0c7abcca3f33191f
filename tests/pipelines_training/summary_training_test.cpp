// The recipe summarize: which sentences make a summary is learnt, served as it was judged, and nothing is believed of
// a directory that has not been checked.
#include "education/measures/rouge.hpp"
#include "models/safetensors.hpp"
#include "pipelines/summary_head_directory.hpp"
#include "pipelines/tools/infer.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <map>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// What a summary is made of stands behind "in short", anywhere in the text.
json text_row(std::size_t i) {
  constexpr std::array plain = {"The river is water.", "It was the moon.", "What is it to the earth?",
                                "Water cuts the valley and the river."};
  constexpr std::array telling = {"plants makes sugar from light", "the light makes energy", "light cuts the valley"};
  const std::string say = telling[i % telling.size()];
  auto sentences = json::array();
  for (std::size_t at = 0; at < plain.size(); ++at)
    sentences.push_back(at == i % plain.size() ? "In short " + say + "." : plain[(i + at) % plain.size()]);
  return {{"id", i}, {"group", "g" + std::to_string(i % 10)}, {"text", sentences}, {"summary", say}};
}

std::string rows(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += text_row(i).dump() + "\n";
  return text;
}

class summary_training_test : public training_fixture {
protected:
  training_settings settings_of(const std::string& out) {
    training_settings settings;
    settings.data.what = recipe::summarize;
    settings.data.columns.group = "group";
    settings.files = {write("rows.jsonl", rows(80))};
    settings.validation_share = 0.25;
    settings.encoder.model = model("gelu");
    settings.encoder.threads = 1;
    settings.run.out = path(out);
    return settings;
  }

  result<std::vector<std::string>> summaries(const std::string& directory, std::size_t count) {
    std::stringstream in, answers;
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = text_row(i);
      std::string text;
      for (const auto& sentence : row.at("text"))
        text += (text.empty() ? "" : " ") + sentence.get<std::string>();
      in << json{{"id", i}, {"text", text}}.dump() << '\n';
    }
    infer_settings settings;
    settings.model = path(directory);
    settings.task = infer_task::summarize;
    settings.summary.sentences = 1;
    CHALK_TRY(const auto counts, infer(in, answers, settings, observer::none(), log::none()));
    EXPECT_EQ(counts.answered, count);
    std::vector<std::string> all;
    for (std::string line; std::getline(answers, line);)
      all.push_back(json::parse(line).at("text").get<std::string>());
    return all;
  }

  std::string refusal(const std::string& directory) {
    const auto read = read_summary_head(path(directory));
    return read ? "nothing is wrong" : told(read.error());
  }
};

TEST_F(summary_training_test, finds_the_sentences_that_people_make_summaries_of) {
  const auto report = train(settings_of("learnt"), {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->figure, "rouge1");
  const auto found = summaries("learnt", 80);
  ASSERT_TRUE(found) << found.error().message;
  const auto telling = [](const auto& all) {
    return std::count_if(all.begin(), all.end(), [](const auto& text) { return text.starts_with("In short"); });
  };
  EXPECT_EQ(telling(*found), 80);
  const auto untrained = summaries("gelu", 80);
  ASSERT_TRUE(untrained) << untrained.error().message;
  EXPECT_LT(telling(*untrained), 60) << "or there was nothing to learn";
}

TEST_F(summary_training_test, infer_chooses_what_the_trainer_judged_by) {
  auto settings = settings_of("learnt");
  settings.data.columns.group.clear();
  settings.validation = {write("judge.jsonl", rows(31))};
  const auto report = train(settings, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  const auto chosen = summaries("learnt", 31);
  ASSERT_TRUE(chosen) << chosen.error().message;
  double sum = 0;
  for (std::size_t i = 0; i < chosen->size(); ++i) {
    const std::vector<std::string> reference{text_row(i).at("summary").get<std::string>()};
    sum += 100 * education::measures::rouge(chosen->at(i), reference).rouge1;
  }
  EXPECT_NEAR(value_of(report->best.validation, "rouge1"), sum / 31, 1e-9);
}

TEST_F(summary_training_test, the_same_rows_give_the_same_files_with_any_number_of_threads) {
  ASSERT_TRUE(train(settings_of("one"), {}, {}));
  auto again = settings_of("three");
  again.encoder.threads = 3;
  again.run.seed = 0;
  ASSERT_TRUE(train(again, {}, {}));
  for (const auto* file : {"summary_head.json", "summary_head.safetensors", "training.json", "config.json"})
    EXPECT_EQ(read(path("one") / file), read(path("three") / file)) << file;
  EXPECT_FALSE(read(path("one") / "summary_head.safetensors").empty());
}

TEST_F(summary_training_test, the_directory_is_still_the_encoder_it_was) {
  ASSERT_TRUE(train(settings_of("learnt"), {}, {}));
  const auto answer = [&](const std::string& directory) {
    std::stringstream in{R"({"id":1,"text":"the river is water"})"
                         "\n"},
        out;
    infer_settings settings;
    settings.model = path(directory);
    EXPECT_TRUE(infer(in, out, settings, observer::none(), log::none()));
    return out.str();
  };
  EXPECT_EQ(answer("learnt"), answer("gelu"));
  EXPECT_THAT(answer("learnt"), HasSubstr("embedding"));

  auto further = settings_of("further");
  further.encoder.model = path("learnt");
  ASSERT_TRUE(train(further, {}, {})) << "a head that was learnt before is learnt anew";
  EXPECT_EQ(read("further/summary_head.safetensors"), read("learnt/summary_head.safetensors"));
}

TEST_F(summary_training_test, mistakes_in_rows_and_settings_are_told_before_anything_is_written) {
  const auto refused = [&](const training_settings& settings) {
    const auto made = train(settings, {}, {});
    return made ? "nothing is wrong" : told(made.error());
  };
  auto settings = settings_of("out");
  settings.files = {write("wrong.jsonl", R"({"group":"a","text":["One.",{"two":2}],"summary":"x"})"
                                         "\n"
                                         R"({"group":"b","text":"One. Two.","summary":[]})"
                                         "\n"
                                         R"({"group":"c","text":"One. Two.","summary":7})"
                                         "\n"
                                         R"({"group":"d","text":[],"summary":"x"})"
                                         "\n")};
  EXPECT_THAT(refused(settings),
              AllOf(HasSubstr("wrong.jsonl:1: `text`"), HasSubstr("wrong.jsonl:2: `summary` is missing"),
                    HasSubstr("wrong.jsonl:3: `summary` must be a text or a list of texts"),
                    HasSubstr("wrong.jsonl:4: `text` is missing or empty")));
  settings.files = {write("few.jsonl", rows(20))};
  EXPECT_THAT(refused(settings), HasSubstr("few.jsonl: has 14 texts of two sentences or more"));
  settings = settings_of("out");
  settings.encoder.max_tokens = 16;
  EXPECT_THAT(refused(settings), HasSubstr("--max-tokens does not go with summarize"));
  settings = settings_of("out");
  run_watcher impatient;
  impatient.over = [] { return true; };
  const auto stopped = train(settings, impatient, {});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, errc::cancelled);
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(summary_training_test, a_description_that_lies_is_refused_and_says_where) {
  ASSERT_TRUE(train(settings_of("head"), {}, {}));
  ASSERT_TRUE(read_summary_head(path("head")));
  const auto right = json::parse(read("head/summary_head.json"));
  const auto refused = [&](const json& lie) {
    write("head/summary_head.json", lie.dump());
    return refusal("head");
  };
  auto lie = right;
  lie["extra"] = 1;
  EXPECT_THAT(refused(lie), AllOf(HasSubstr("summary_head.json"), HasSubstr("unknown key 'extra'")));
  lie = right;
  lie["features"][0] = "colour";
  EXPECT_THAT(refused(lie), HasSubstr("feature 1 is 'colour'; this build has 'place'"));
  lie = right;
  lie["features"].erase(0);
  EXPECT_THAT(refused(lie), HasSubstr("names 18 features; this build has 19"));
  lie = right;
  lie["phrases"][0] = "~";
  EXPECT_THAT(refused(lie), HasSubstr("'phrases' must be sorted"));
  lie = right;
  lie["phrases"][0] = 3;
  EXPECT_THAT(refused(lie), HasSubstr("'phrases' has an entry that is not a text"));
  lie = right;
  lie["phrases"].erase(0);
  EXPECT_THAT(refused(lie),
              AllOf(HasSubstr("summary_head.safetensors"), HasSubstr("'phrases.weight' has the shape")));
  EXPECT_THAT(refused(json::array()), HasSubstr("must be an object"));
  EXPECT_THAT(refused(json::object()), HasSubstr("'features' must be a list of texts"));
  std::filesystem::remove(path("head/summary_head.json"));
  EXPECT_EQ(refusal("head"), "head: has summary_head.safetensors and no summary_head.json");
  const auto served = summaries("head", 1);
  ASSERT_FALSE(served);
  EXPECT_EQ(told(served.error()), refusal("head"));
}

TEST_F(summary_training_test, weights_that_lie_are_refused_and_say_which) {
  ASSERT_TRUE(train(settings_of("head"), {}, {}));
  const auto right = read_summary_head(path("head"));
  ASSERT_TRUE(right);
  ASSERT_GT((*right)->phrases.size(), 3u);
  const auto refused = [&](const std::function<void(std::map<std::string, std::vector<float>>&)>& change) {
    std::map<std::string, std::vector<float>> values{
        {"bias", {(*right)->bias}},
        {"features.weight", {(*right)->feature_weights.begin(), (*right)->feature_weights.end()}},
        {"phrases.weight", (*right)->phrase_weights},
        {"unit", {(*right)->unit}}};
    change(values);
    std::vector<models::tensor_view> tensors;
    for (const auto& [name, row] : values)
      tensors.push_back({name, models::element_type::f32, {row.size()}, std::as_bytes(std::span(row))});
    EXPECT_TRUE(models::write_safetensors(path("head/summary_head.safetensors"), tensors));
    return refusal("head");
  };
  EXPECT_EQ(refused([](auto&) {}), "nothing is wrong");
  EXPECT_THAT(refused([](auto& v) { v.erase("bias"); }), HasSubstr("there is no tensor 'bias'"));
  EXPECT_THAT(refused([](auto& v) { v["unit"].push_back(1); }),
              HasSubstr("'unit' has the shape [2]; it must be [1]"));
  EXPECT_THAT(refused([](auto& v) { v["more"] = {1}; }), HasSubstr("'more' is no part of a summary head"));
  EXPECT_THAT(refused([](auto& v) { v["unit"] = {-1}; }), HasSubstr("'unit' must not be negative"));
  EXPECT_THAT(refused([](auto& v) { v["phrases.weight"][1] = std::numeric_limits<float>::quiet_NaN(); }),
              AllOf(HasSubstr("summary_head.safetensors"), HasSubstr("phrases.weight"), HasSubstr("not finite")));
  write("head/summary_head.safetensors", "no tensors");
  EXPECT_THAT(refusal("head"), HasSubstr("head/summary_head.safetensors"));
}

} // namespace
} // namespace chalkstream::pipelines::tools

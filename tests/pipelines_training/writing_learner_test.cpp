// seq2seq: a small model begins with nothing, learns, is served, and goes on learning.
#include "models/text/tokenizer.hpp"
#include "pipelines/tools/infer.hpp"
#include "pipelines/tools/training/new_tokenizer.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <random>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::array words = {"ash", "birch", "cedar", "elm", "fir", "larch", "oak", "pine"};

struct reversed_line {
  std::string text, target;
};

/// Two to four words, and the same the other way round.
std::vector<reversed_line> reversed_lines(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<reversed_line> lines(count);
  for (auto& line : lines)
    for (std::size_t k = 0, length = 2 + random() % 3; k < length; ++k) {
      const std::string word = words[random() % words.size()];
      line.text += (k == 0 ? "" : " ") + word;
      line.target = word + (k == 0 ? "" : " ") + line.target;
    }
  return lines;
}

std::string rows_of(const std::vector<reversed_line>& lines) {
  std::string rows;
  for (std::size_t i = 0; i < lines.size(); ++i)
    rows += json{{"id", i}, {"text", lines[i].text}, {"target", lines[i].target}, {"book", i % 10}}.dump() + "\n";
  return rows;
}

class writing_learner_test : public training_fixture {
protected:
  training_settings settings_for(const std::string& out) {
    training_settings settings;
    settings.data.what = recipe::seq2seq;
    settings.data.columns.group = "book";
    settings.files = {write("rows.jsonl", rows_of(reversed_lines(400, 1)))};
    auto& writer = settings.writer;
    writer.threads = 1;
    writer.bleu_words = education::measures::bleu_tokenizer::none;
    writer.anew.vocabulary.min_count = 1;
    writer.anew.transformer.width = 32;
    writer.anew.transformer.inner = 64;
    writer.anew.transformer.encoder_layers = writer.anew.transformer.decoder_layers = 1;
    writer.anew.transformer.positions = 16;
    writer.anew.transformer.dropout = 0.05;
    settings.run.out = path(out);
    settings.run.epochs = 24;
    settings.run.batch.tokens = 300;
    settings.run.rate = 5e-3;
    settings.run.patience = 0;
    return settings;
  }

  std::vector<std::string> written(const std::string& model, const std::vector<reversed_line>& lines) {
    std::stringstream in(rows_of(lines)), answers;
    infer_settings settings;
    settings.model = path(model);
    settings.task = infer_task::translate;
    const auto counts = infer(in, answers, settings, observer::none(), log::none());
    EXPECT_TRUE(counts) << counts.error().message;
    std::vector<std::string> texts;
    for (std::string line; std::getline(answers, line);)
      texts.push_back(json::parse(line).at("text"));
    return texts;
  }
};

TEST_F(writing_learner_test, a_model_that_begins_with_nothing_learns_and_is_served) {
  const auto report = train(settings_for("anew"), {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->figure, "bleu");
  EXPECT_GT(value_of(report->best.validation, "bleu"), 85);
  EXPECT_LT(report->best.validation.loss, 0.3); // a token
  const auto fresh = reversed_lines(40, 9);
  const auto texts = written("anew", fresh);
  ASSERT_EQ(texts.size(), fresh.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i)
    right += texts[i] == fresh[i].target;
  EXPECT_GT(right, 22U);
  const auto config = json::parse(read("anew/config.json"));
  EXPECT_EQ(config.at("vocab_size"), words.size() + 3);

  // And goes on from its directory, with other rows.
  auto more = settings_for("more");
  more.files = {write("more.jsonl", rows_of(reversed_lines(60, 5)))};
  more.writer.model = path("anew");
  more.run.epochs = 1;
  more.run.rate = 1e-4;
  const auto went_on = train(more, {}, {});
  ASSERT_TRUE(went_on) << went_on.error().message;
  EXPECT_LT(went_on->history.losses.front(), 0.6); // where the other ended
  EXPECT_EQ(read("more/tokenizer.json"), read("anew/tokenizer.json"));
}

TEST_F(writing_learner_test, an_lstm_that_begins_with_nothing_learns_is_served_and_goes_on) {
  auto settings = settings_for("anew");
  settings.writer.anew.architecture = new_architecture::lstm;
  settings.writer.anew.lstm.width = 48;
  settings.writer.anew.lstm.positions = 16;
  settings.writer.anew.lstm.dropout = 0.05;
  const auto report = train(settings, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(value_of(report->best.validation, "bleu"), 95);
  const auto fresh = reversed_lines(40, 9);
  const auto texts = written("anew", fresh);
  ASSERT_EQ(texts.size(), fresh.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i)
    right += texts[i] == fresh[i].target;
  EXPECT_GT(right, 34U);
  EXPECT_EQ(json::parse(read("anew/config.json")).at("model_type"), "lstm_seq2seq");

  auto more = settings_for("more");
  more.files = {write("more.jsonl", rows_of(reversed_lines(60, 5)))};
  more.writer.model = path("anew");
  more.run.epochs = 1;
  more.run.rate = 1e-4;
  const auto went_on = train(more, {}, {});
  ASSERT_TRUE(went_on) << went_on.error().message;
  EXPECT_LT(went_on->history.losses.front(), 0.4);
}

TEST_F(writing_learner_test, parallel_files_learn_what_rows_learn) {
  const auto training = reversed_lines(50, 1);
  const auto judged = reversed_lines(10, 2);
  std::string texts, targets, judged_texts, judged_targets;
  for (const auto& line : training) {
    texts += line.text + "\n";
    targets += line.target + "\n";
  }
  for (const auto& line : judged) {
    judged_texts += line.text + "\n";
    judged_targets += line.target + "\n";
  }
  auto plain = settings_for("plain");
  plain.data.columns.group.clear();
  plain.run.epochs = 1;
  auto rows = plain;
  rows.run.out = path("rows");
  rows.files = {write("train.jsonl", rows_of(training))};
  rows.validation = {write("judge.jsonl", rows_of(judged))};
  plain.files = {write("train.a", texts)};
  plain.targets = write("train.b", targets);
  plain.validation = {write("judge.a", judged_texts)};
  EXPECT_THAT(train(plain, {}, {}).error().message, HasSubstr("--validation-target"));
  plain.validation_targets = write("judge.b", judged_targets);
  const auto a = train(plain, {}, {});
  const auto b = train(rows, {}, {});
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->history.losses, b->history.losses);
  EXPECT_EQ(read("plain/model.safetensors"), read("rows/model.safetensors"));
}

TEST_F(writing_learner_test, a_run_that_was_stopped_ends_with_the_same_bytes) {
  auto settings = settings_for("whole");
  settings.run.epochs = 3;
  ASSERT_TRUE(train(settings, {}, {}));
  settings.run.out = path("stopped");
  settings.run.resume = true;
  for (std::size_t stop : {3U, 11U}) {
    run_watcher watcher;
    watcher.over = [stop, steps = std::size_t{0}]() mutable { return ++steps == stop; };
    const auto ended = train(settings, watcher, {});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, errc::cancelled);
  }
  ASSERT_TRUE(train(settings, {}, {}));
  for (const auto* file : {"model.safetensors", "config.json", "generation_config.json", "tokenizer.json",
                           "losses.csv", "curve.csv", "training.json"})
    EXPECT_EQ(read("whole/" + std::string(file)), read("stopped/" + std::string(file))) << file;
}

TEST_F(writing_learner_test, summaries_are_measured_by_their_words) {
  auto settings = settings_for("summaries");
  settings.writer.writes = written_kind::summary;
  settings.writer.written_rows = 7;
  settings.run.epochs = 1;
  const auto report = train(settings, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->figure, "rougeL");
}

TEST_F(writing_learner_test, what_cannot_be_learnt_is_said_before_anything_is_written) {
  auto rare = settings_for("out");
  rare.writer.anew.vocabulary.min_count = 10'000;
  EXPECT_THAT(train(rare, {}, {}).error().message, HasSubstr("no word is there 10000 times"));
  auto missing = settings_for("out");
  missing.data.columns.goals = {"targt"};
  EXPECT_THAT(train(missing, {}, {}).error().message, HasSubstr("no column `targt`; did you mean 'target'?"));
  auto no_model = settings_for("out");
  no_model.writer.model = path(".");
  EXPECT_FALSE(train(no_model, {}, {}));
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST(new_tokenizer_test, words_that_are_frequent_have_ids_and_others_are_unknown) {
  example_set set;
  set.files = {"rows"};
  set.examples.resize(3);
  set.examples[0].text = "b a  a\tc";
  set.examples[0].target = "a b </s>";
  set.examples[1].text = "b";
  set.examples[1].target = "\"quoted\" \"quoted\"";
  const auto made = learn_words(set, {.min_count = 2}, 64);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->words.size, 6U); // three special ones; a and b three times each, then what is quoted
  const auto encoded = made->reads->encode("b a c \"quoted\"", {});
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->ids, (std::vector<std::int32_t>{4, 3, made->words.unknown, 5, made->words.end}));
  EXPECT_EQ(*made->reads->decode(encoded->ids, true), "b a \"quoted\"");
  const auto capped = learn_words(set, {.min_count = 2, .most_words = 4}, 64);
  ASSERT_TRUE(capped);
  EXPECT_EQ(capped->words.size, 4U);
  const auto json = nlohmann::json::parse(made->files.front().content);
  EXPECT_EQ(json.at("model").at("vocab").at("a"), 3);
}

} // namespace
} // namespace chalkstream::pipelines::tools

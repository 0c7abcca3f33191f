// Small models of every family learn something, and what they write is served as it was judged.
#include "models/text/tokenizer.hpp"
#include "models/training/trainable_encoder.hpp"
#include "pipelines/tools/infer.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class encoder_training_test : public training_fixture {
protected:
  training_settings settings_of(recipe what, const std::string& golden, const std::string& out) {
    training_settings settings;
    settings.data.what = what;
    settings.data.columns.group = "question";
    settings.files = {write("rows.jsonl", easy_rows(96))};
    settings.validation_share = 0.25;
    settings.encoder.model = model(golden);
    settings.encoder.threads = 1; // small tensors: threads would only wait for each other
    settings.run.out = path(out);
    settings.run.epochs = 6;
    settings.run.batch.rows = 8;
    settings.run.rate = 2e-3;
    settings.run.patience = 0;
    return settings;
  }

  std::vector<json> infer_rows(const std::string& out, const std::string& task, const std::string& rows) {
    std::stringstream in(rows), answers;
    infer_settings settings;
    settings.model = path(out);
    settings.task = *infer_task_from(task);
    const auto counts = infer(in, answers, settings, observer::none(), log::none());
    EXPECT_TRUE(counts) << counts.error().message;
    std::vector<json> all;
    for (std::string line; std::getline(answers, line);)
      all.push_back(json::parse(line));
    return all;
  }
};

std::string only_text(const std::string& rows) {
  std::string text;
  std::istringstream in(rows);
  for (std::string line; std::getline(in, line);) {
    const auto row = json::parse(line);
    text += json{{"id", row.at("id")}, {"text", row.at("text")}}.dump() + "\n";
  }
  return text;
}

TEST_F(encoder_training_test, every_family_learns_and_its_new_directory_is_served) {
  for (const std::string golden : {"gelu", "masked_lm_sharded", "roberta", "xlm_roberta", "distilbert", "electra",
                                   "electra_wide", "mpnet", "deberta_v2", "deberta_v3"}) {
    const auto out = golden + "_trained";
    const auto report = train(settings_of(recipe::classify, golden, out), {}, {});
    ASSERT_TRUE(report) << golden << ": " << report.error().message;
    const auto& epochs = report->history.epochs;
    EXPECT_LT(epochs.back().training_loss, 0.8 * epochs.front().training_loss) << golden;
    EXPECT_GT(value_of(report->best.validation, "accuracy"), 0.9) << golden;

    std::size_t right = 0;
    const auto rows = easy_rows(96);
    const auto answers = infer_rows(out, "classify", only_text(rows));
    ASSERT_EQ(answers.size(), 96U) << golden;
    for (std::size_t i = 0; i < answers.size(); ++i)
      right += answers[i].at("label") == (i % 2 == 0 ? "wet" : "bright");
    EXPECT_GT(right, 88U) << golden;
  }
}

TEST_F(encoder_training_test, infer_gives_the_logits_the_trainer_judged_by) {
  const auto settings = settings_of(recipe::pair, "gelu", "pairs");
  const auto report = train(settings, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  // The trainer's own evaluation of the written model: it starts from that directory, whose head goes on.
  models::training::trainable_settings again;
  again.model.directory = path("pairs");
  again.model.labels = {"bright", "wet"};
  again.model.problem_type = "single_label_classification";
  const auto trained = models::training::trainable_encoder::make(again);
  ASSERT_TRUE(trained) << trained.error().message;
  const auto tokenizer = text::tokenizer::load(path("pairs"));
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  const auto rows = easy_rows(96);
  const auto answers = infer_rows("pairs", "classify", rows);
  std::istringstream lines(rows);
  double worst = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::string line;
    std::getline(lines, line);
    const auto row = json::parse(line);
    const auto encoded =
        (*tokenizer)->encode_pair(row.at("text").get<std::string>(), row.at("pair").get<std::string>(), {});
    ASSERT_TRUE(encoded);
    const sequence tokens{encoded->ids, encoded->types};
    const models::training::target goal;
    const models::training::training_example example{&tokens, &goal};
    const auto judged = (*trained)->judge({&example, 1});
    ASSERT_TRUE(judged) << judged.error().message;
    for (std::size_t k = 0; k < 2; ++k)
      worst = std::max(worst, std::abs(judged->rows.values[k] - answers[i].at("logits").at(k).get<double>()));
  }
  EXPECT_LT(worst, 1e-4);
}

TEST_F(encoder_training_test, the_trainers_figures_are_those_of_infer_and_eval) {
  auto settings = settings_of(recipe::classify, "roberta", "out");
  settings.validation = {write("judge.jsonl", easy_rows(17))};
  settings.data.columns.group.clear();
  settings.run.epochs = 2;
  settings.run.rate = 3e-4; // half learnt, so that the figures say something
  const auto report = train(settings, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  std::size_t right = 0;
  const auto answers = infer_rows("out", "classify", only_text(easy_rows(17)));
  for (std::size_t i = 0; i < answers.size(); ++i)
    right += answers[i].at("label") == (i % 2 == 0 ? "wet" : "bright");
  EXPECT_DOUBLE_EQ(value_of(report->best.validation, "accuracy"), static_cast<double>(right) / 17);
}

TEST_F(encoder_training_test, scores_are_written_as_they_are_meant) {
  auto settings = settings_of(recipe::regress, "electra", "scores");
  settings.data.columns.goals = {"score.content"};
  settings.run.epochs = 10;
  const auto one = train(settings, {}, {});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_LT(value_of(one->best.validation, "rmse"), 0.7);
  for (const auto& answer : infer_rows("scores", "score", only_text(easy_rows(8))))
    EXPECT_NEAR(answer.at("logits").at(0).get<double>(), answer.at("id").get<int>() % 2 == 0 ? 4 : 1, 1.5);

  auto both = settings_of(recipe::pair, "distilbert", "traits");
  both.data.scores = true;
  const auto two = train(both, {}, {});
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(two->figure, "mcrmse");
  EXPECT_FALSE(std::isnan(value_of(two->best.validation, "rmse:content")));
  const auto config = json::parse(read("traits/config.json"));
  EXPECT_EQ(config.at("id2label"), (json{{"0", "content"}, {"1", "wording"}}));
  EXPECT_EQ(config.at("problem_type"), "regression");
}

TEST_F(encoder_training_test, answers_are_learnt_from_passages_longer_than_the_model) {
  std::string rows;
  for (int i = 0; i < 64; ++i) {
    std::string passage;
    for (int k = 0; k < 12 * (i % 4 + 1); ++k)
      passage += k == 3 + i % 20 ? "river " : "a the it "; // some answers lie beyond the first window
    rows += json{{"question", "q" + std::to_string(i % 8)},
                 {"text", "what"},
                 {"pair", passage},
                 {"answer", passage.find("river") == std::string::npos ? "" : "river"}}
                .dump()
            + "\n";
  }
  auto settings = settings_of(recipe::span, "gelu", "answers");
  settings.files = {write("answers.jsonl", rows)};
  settings.run.epochs = 8;
  const auto report = train(settings, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->figure, "f1");
  EXPECT_LT(report->history.epochs.back().training_loss, 0.5 * report->history.epochs.front().training_loss);
  const auto found = infer_rows("answers", "span", R"({"id":1,"text":"what","pair":"it the a river a a"})");
  EXPECT_EQ(found.at(0).at("answer"), "river");
}

TEST_F(encoder_training_test, batches_that_are_accumulated_learn_what_one_batch_learns) {
  auto once = settings_of(recipe::classify, "silu_wide_head", "once");
  auto config = read("silu_wide_head/config.json");
  auto parsed = json::parse(config);
  parsed["hidden_dropout_prob"] = 0;
  parsed["attention_probs_dropout_prob"] = 0;
  write("silu_wide_head/config.json", parsed.dump());
  once.run.epochs = 1;
  once.run.batch.rows = 96; // all rows in one step
  auto often = once;
  often.run.out = path("often");
  often.run.batch.rows = 24;
  often.run.accumulate = 4;
  const auto a = train(once, {}, {});
  const auto b = train(often, {}, {});
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->history.losses.size(), 1U);
  ASSERT_EQ(b->history.losses.size(), 1U);
  EXPECT_NEAR(a->history.losses[0], b->history.losses[0], 1e-5);
  EXPECT_NEAR(a->best.validation.loss, b->best.validation.loss, 1e-4);
}

TEST_F(encoder_training_test, what_cannot_be_learnt_is_said_before_anything_is_written) {
  auto settings = settings_of(recipe::classify, "gelu", "out");
  settings.data.columns.group.clear();
  EXPECT_THAT(train(settings, {}, {}).error().message, AllOf(HasSubstr("--group"), HasSubstr("--validation")));
  settings.validation = {write("judge.jsonl", R"({"text":"a","label":"dry"})")};
  EXPECT_THAT(told(train(settings, {}, {}).error()),
              HasSubstr("judge.jsonl:1: no row to train with has the label 'dry'; they have 'bright', 'wet'"));
  auto constant = settings_of(recipe::regress, "gelu", "out");
  constant.files = {write("same.csv", "text,score,question\na,1,x\nb,1,y\n")};
  EXPECT_THAT(told(train(constant, {}, {}).error()),
              HasSubstr("same.csv: every row to train with has the same score"));
  auto longer = settings_of(recipe::classify, "gelu", "out");
  longer.encoder.max_tokens = 500;
  EXPECT_THAT(told(train(longer, {}, {}).error()), HasSubstr("--max-tokens 500 is more than the 40"));
  auto mismatched = settings_of(recipe::pair, "roberta", "out"); // one token type; the tokenizer gives two
  EXPECT_THAT(told(train(mismatched, {}, {}).error()),
              HasSubstr("rows.jsonl:1: a token type is outside the model's 1"));
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(encoder_training_test, rare_labels_count_more_where_that_is_asked_for) {
  auto settings = settings_of(recipe::classify, "mpnet", "balanced");
  settings.encoder.weights = label_weights::balanced;
  settings.run.epochs = 1;
  EXPECT_TRUE(train(settings, {}, {}));
}

} // namespace
} // namespace chalkstream::pipelines::tools

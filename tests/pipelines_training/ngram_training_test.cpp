// Levels and scores learnt from texts alone.
#include "pipelines/tools/training/level_fit.hpp"
#include "pipelines/tools/training/training.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(level_fit_test, finds_the_cuts_that_made_the_levels_and_how_blurred_they_are) {
  std::mt19937 chance(1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> anywhere(0, 4);
  std::vector<double> scores;
  std::vector<std::size_t> levels;
  for (int i = 0; i < 3000; ++i) {
    const auto score = anywhere(chance);
    const auto seen = score + 0.3 * normal(chance);
    scores.push_back(score);
    levels.push_back(seen < 1 ? 0 : seen < 2.5 ? 1 : 2);
  }
  const auto scale = fit_levels(scores, levels, 3);
  ASSERT_EQ(scale.cuts.size(), 2U);
  EXPECT_NEAR(scale.cuts[0], 1, 0.15);
  EXPECT_NEAR(scale.cuts[1], 2.5, 0.15);
  EXPECT_NEAR(scale.spread, 0.3 * 0.55, 0.06) << "a logistic is as wide as a normal at 0.55 of its deviation";
}

TEST(level_fit_test, takes_a_level_nobody_reached) {
  const std::vector<double> scores{0, 0.1, 0.2, 1, 1.1, 1.2};
  const std::vector<std::size_t> levels{0, 0, 0, 1, 1, 1};
  const auto scale = fit_levels(scores, levels, 4);
  EXPECT_EQ(scale.level_of(0.1), 0U);
  EXPECT_EQ(scale.level_of(1.1), 1U);
}

class ngram_training_test : public training_fixture {
protected:
  ngram_training_test() {
    std::mt19937 chance(3);
    const std::vector<std::string> plain{"the cat", "it is", "a dog runs", "i like", "we go"};
    const std::vector<std::string> fine{"nevertheless", "consequently", "in contrast", "remarkable", "furthermore"};
    const std::vector<std::string> names{"A1", "A2", "B1"};
    std::string rows;
    for (std::size_t i = 0; i < 150; ++i) {
      const auto level = chance() % names.size();
      std::string text;
      for (std::size_t w = 0; w < 40; ++w) {
        const auto& from = chance() % 6 < level ? fine : plain;
        text += from[chance() % from.size()] + " ";
      }
      rows += R"({"text":")" + text + R"(","label":")" + names[level] + R"(","score":{"a":)" + std::to_string(level)
              + R"(,"b":)" + std::to_string(10 - 2 * static_cast<int>(level)) + R"(},"writer":)" + std::to_string(i / 2)
              + "}\n";
    }
    settings_.files = {write("essays.jsonl", rows)};
    settings_.data.columns.group = "writer";
    settings_.validation_share = 0.3;
    settings_.run.out = path("out");
    settings_.ngrams.emplace();
  }

  training_settings settings_;
};

TEST_F(ngram_training_test, levels_agree_with_the_teachers) {
  settings_.ngrams->scale = {"A1", "A2", "B1"};
  const auto made = train(settings_, {}, {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->figure, "qwk");
  EXPECT_GT(value_of(made->best.validation, "qwk"), 0.8);
  EXPECT_LT(value_of(made->best.validation, "ece"), 0.25);
  for (const char* name : {"config.json", "model.safetensors", "tokenizer.json", "training.json"})
    EXPECT_TRUE(std::filesystem::exists(settings_.run.out / name)) << name;
}

TEST_F(ngram_training_test, traits_are_learnt_on_their_own_scales) {
  settings_.data.what = recipe::regress;
  const auto made = train(settings_, {}, {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->figure, "mcrmse");
  EXPECT_LT(value_of(made->best.validation, "mcrmse"), 0.8) << "the means would be 0.8 and 1.6 away";
}

TEST_F(ngram_training_test, a_label_off_the_scale_is_named_and_nothing_is_written) {
  settings_.ngrams->scale = {"A1", "A2"};
  const auto made = train(settings_, {}, {});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, AllOf(HasSubstr("essays.jsonl:"), HasSubstr("'B1' is not on the --scale")));
  EXPECT_FALSE(std::filesystem::exists(settings_.run.out));
}

TEST_F(ngram_training_test, a_model_that_is_there_is_left_alone) {
  settings_.ngrams->scale = {"A1", "A2", "B1"};
  ASSERT_TRUE(train(settings_, {}, {}));
  EXPECT_THAT(train(settings_, {}, {}).error().message, HasSubstr("holds a model already"));
}

} // namespace
} // namespace chalkstream::pipelines::tools

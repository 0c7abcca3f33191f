// The linear model over n-grams, from counting to its directory.
#include "models/ngrams/level_scale.hpp"
#include "models/ngrams/ngram_directory.hpp"
#include "models/ngrams/ngram_learner.hpp"
#include "models/ngrams/ridge.hpp"
#include "models/text/tokenizer.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace chalkstream::models {
namespace {

using testing::scratch_folder;
using ::testing::AllOf;
using ::testing::HasSubstr;

ngram_counts counted(std::string_view text) {
  return count_ngrams(text, {});
}

double times_in_all(const ngram_counts& counts) {
  return std::accumulate(counts.runs.begin(), counts.runs.end(), 0.0,
                         [](double sum, const auto& c) { return sum + double{c.times}; });
}

TEST(ngram_counts_test, every_run_of_a_word_with_its_spaces_counts_and_every_word_and_pair) {
  const auto once = counted("ab");
  EXPECT_EQ(once.runs.size(), 7U) << "three of two characters, two of three, one of four, and the word";
  const auto twice = counted("ab ab");
  EXPECT_EQ(twice.runs.size(), 8U) << "the pair is new";
  EXPECT_EQ(times_in_all(twice), 2 * 7 + 1);
}

TEST(ngram_counts_test, upper_case_and_the_spaces_between_words_make_no_difference) {
  const auto plain = counted("der bär schläft");
  const auto other = counted("Der\n\nBÄR   Schläft ");
  ASSERT_EQ(plain.runs.size(), other.runs.size());
  for (std::size_t i = 0; i < plain.runs.size(); ++i) {
    EXPECT_EQ(plain.runs[i].bucket, other.runs[i].bucket);
    EXPECT_EQ(plain.runs[i].times, other.runs[i].times);
  }
}

TEST(ngram_counts_test, runs_of_characters_and_of_words_have_buckets_apart) {
  const ngram_settings settings{.bits = 10};
  const auto counts = count_ngrams("a b a c", settings);
  const auto half = std::size_t{1} << settings.bits;
  const auto words = std::count_if(counts.runs.begin(), counts.runs.end(),
                                   [half](const auto& c) { return c.bucket >= half; });
  EXPECT_EQ(words, 6) << "a, b, c, a b, b a, a c";
  EXPECT_LT(counts.runs.back().bucket, settings.buckets());
}

TEST(ngram_counts_test, a_text_has_a_shape) {
  const auto shape = counted("Rain fell, and wonderful mushrooms grew.\nThey tasted well!").shape;
  EXPECT_FLOAT_EQ(shape[0], std::log1p(9.0F));
  EXPECT_FLOAT_EQ(shape[3], 4.5F) << "words a sentence";
  EXPECT_FLOAT_EQ(shape[4], 3.0F) << "all nine are different";
  EXPECT_FLOAT_EQ(shape[5], 1.0F / 9) << "commas";
  EXPECT_FLOAT_EQ(shape[6], std::log1p(1.0F)) << "lines";
  EXPECT_FLOAT_EQ(shape[7], 2.0F / 9) << "wonderful, mushrooms";
}

TEST(ngram_counts_test, nothing_is_counted_of_an_empty_text) {
  EXPECT_TRUE(counted("").runs.empty());
  EXPECT_TRUE(counted(" \n ").runs.empty());
  for (const float x : counted("").shape)
    EXPECT_TRUE(std::isfinite(x));
}

TEST(ngram_vector_test, each_half_is_of_unit_length_without_what_is_too_rare) {
  const auto a = counted("one two three");
  const auto b = counted("one two four");
  const std::vector<const ngram_counts*> both{&a, &b};
  const auto buckets = ngram_settings{}.buckets();
  const auto rarity = rarity_of(both, buckets, 2);
  double characters = 0, words = 0;
  for (const auto& r : weigh(a, rarity))
    (r.bucket < buckets / 2 ? characters : words) += double{r.weight} * double{r.weight};
  EXPECT_NEAR(characters, 1, 1e-6);
  EXPECT_NEAR(words, 1, 1e-6);
  EXPECT_EQ(std::count_if(rarity.begin() + static_cast<std::ptrdiff_t>(buckets / 2), rarity.end(),
                          [](float x) { return x > 0; }),
            3)
      << "one, two, one two";
}

// Solves the centred normal equations of two dense columns by hand.
TEST(ridge_test, gives_what_the_normal_equations_give) {
  std::mt19937 chance(5);
  std::normal_distribution<double> normal;
  std::vector<ridge_row> rows(40);
  std::vector<double> goals;
  for (auto& row : rows) {
    row.dense = {static_cast<float>(normal(chance) + 3), static_cast<float>(normal(chance))};
    goals.push_back(2 * double{row.dense[0]} - double{row.dense[1]} + 7 + 0.1 * normal(chance));
  }
  std::vector<const ridge_row*> seen;
  for (const auto& row : rows)
    seen.push_back(&row);
  constexpr double penalty = 2.5;
  const auto fit = fit_ridge(seen, goals, 0, penalty);

  const auto n = static_cast<double>(rows.size());
  double m[2] = {0, 0}, my = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < 2; ++j)
      m[j] += double{rows[i].dense[j]} / n;
    my += goals[i] / n;
  }
  double a = penalty, b = 0, d = penalty, p = 0, q = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double x = double{rows[i].dense[0]} - m[0], y = double{rows[i].dense[1]} - m[1], g = goals[i] - my;
    a += x * x;
    b += x * y;
    d += y * y;
    p += x * g;
    q += y * g;
  }
  const double w0 = (p * d - q * b) / (a * d - b * b), w1 = (a * q - b * p) / (a * d - b * b);
  EXPECT_NEAR(fit.weights[0], w0, 1e-6);
  EXPECT_NEAR(fit.weights[1], w1, 1e-6);
  EXPECT_NEAR(fit.intercept, my - w0 * m[0] - w1 * m[1], 1e-6);
}

TEST(level_scale_test, the_level_of_a_score_is_always_the_likeliest) {
  std::mt19937 chance(9);
  std::uniform_real_distribution<double> anywhere(-4, 4);
  for (int n = 0; n < 2000; ++n) {
    level_scale scale;
    for (int c = 0; c < 1 + n % 5; ++c)
      scale.cuts.push_back(static_cast<float>(anywhere(chance)));
    std::sort(scale.cuts.begin(), scale.cuts.end());
    scale.spread = static_cast<float>(std::exp(anywhere(chance)));
    const auto score = anywhere(chance);
    const auto logits = scale.logits(score);
    ASSERT_EQ(logits.size(), scale.levels());
    EXPECT_EQ(static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()),
              scale.level_of(score));
    const auto sum =
        std::accumulate(logits.begin(), logits.end(), 0.0, [](double s, float x) { return s + std::exp(double{x}); });
    EXPECT_NEAR(sum, 1, 1e-4);
  }
}

class ngram_learner_test : public ::testing::Test {
protected:
  // The better an essay, the more of it is made of the rare words.
  ngram_learner_test() {
    std::mt19937 chance(3);
    const std::vector<std::string> plain{"the cat", "it is", "a dog runs", "i like", "we go"};
    const std::vector<std::string> fine{"nevertheless", "consequently", "in contrast", "remarkable", "furthermore"};
    for (std::size_t i = 0; i < 120; ++i) {
      const auto level = i % 4;
      std::string text;
      for (std::size_t w = 0; w < 40; ++w) {
        const auto& from = chance() % 8 < level ? fine : plain;
        text += from[chance() % from.size()] + " ";
      }
      essays_.push_back(std::move(text));
      levels_.push_back(static_cast<double>(level));
    }
    for (const auto& e : essays_)
      views_.push_back(e);
  }

  static ngram_learning how() {
    ngram_learning l;
    l.settings.bits = 12;
    return l;
  }

  std::vector<std::string> essays_;
  std::vector<std::string_view> views_;
  std::vector<double> levels_;
};

TEST_F(ngram_learner_test, scores_texts_it_has_not_seen_as_their_teachers_would) {
  const ngram_learner learner(views_, how());
  std::vector<std::size_t> folds;
  for (std::size_t i = 0; i < essays_.size(); ++i)
    folds.push_back(i / 4 % 5);
  const auto scores = learner.held_out(levels_, 1, folds, 5);
  double error = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    error += std::abs(scores[i] - levels_[i]) / static_cast<double>(scores.size());
  EXPECT_LT(error, 0.5) << "guessing the mean would be 1 away";
}

TEST_F(ngram_learner_test, several_traits_are_learnt_as_each_alone) {
  const ngram_learner learner(views_, how());
  std::vector<double> both;
  for (const auto l : levels_) {
    both.push_back(l);
    both.push_back(-l);
  }
  const auto two = learner.learn(both, 2);
  const auto one = learner.learn(levels_, 1);
  const auto text = count_ngrams(essays_[7], two.settings);
  EXPECT_NEAR(two.score(text)[0], one.score(text)[0], 1e-5);
  EXPECT_NEAR(two.score(text)[1], -one.score(text)[0], 1e-5);
}

class ngram_directory_test : public ngram_learner_test {
protected:
  void SetUp() override {
    weights_ = ngram_learner(views_, how()).learn(levels_, 1);
    weights_.levels = level_scale{{0.5F, 1.5F, 2.5F}, 0.3F};
    const std::vector<std::string> names{"A1", "A2", "B1", "B2"};
    ASSERT_TRUE(write_ngram_directory(folder_.path(), weights_, names));
  }

  result<ngram_weights> read() const {
    CHALK_TRY(const auto root, read_json(folder_.path() / "config.json"));
    CHALK_TRY(const auto archive, tensor_archive::open(folder_.path()));
    return read_ngram_weights(settings((folder_.path() / "config.json").string(), root), archive);
  }

  scratch_folder folder_;
  ngram_weights weights_;
};

TEST_F(ngram_directory_test, reads_back_to_the_same_bits_and_its_tokens_are_the_bytes_of_the_text) {
  auto back = read();
  ASSERT_TRUE(back) << back.error().message;
  const auto tokenizer = text::tokenizer::load(folder_.path());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  const std::string essay = "Nevertheless, the cat\n  likes Ümläute — 水.";
  const auto encoded = (*tokenizer)->encode(essay, {});
  ASSERT_TRUE(encoded);
  ASSERT_EQ(encoded->ids.size(), essay.size());
  for (std::size_t i = 0; i < essay.size(); ++i)
    EXPECT_EQ(encoded->ids[i], static_cast<unsigned char>(essay[i]));

  const ngram_model model(std::make_shared<model_identity>(), std::move(*back));
  EXPECT_EQ(model.output_width(), 4U);
  const sequence s{encoded->ids, {}};
  const std::vector<const sequence*> batch{&s, &s};
  const auto rows = model.run(batch, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  const auto expected = weights_.levels->logits(weights_.score(count_ngrams(essay, weights_.settings))[0]);
  EXPECT_EQ(std::vector<float>(rows->row(0).begin(), rows->row(0).end()), expected);
  EXPECT_EQ(std::vector<float>(rows->row(1).begin(), rows->row(1).end()), expected);
}

TEST_F(ngram_directory_test, bad_sequences_are_refused_and_broken_bytes_are_read_as_what_they_stand_for) {
  const ngram_model model(std::make_shared<model_identity>(), weights_);
  const auto run = [&model](std::vector<std::int32_t> ids) {
    const sequence s{std::move(ids), {}};
    const std::vector<const sequence*> batch{&s};
    return model.run(batch, nullptr);
  };
  EXPECT_EQ(run({}).error().code, errc::invalid_argument);
  EXPECT_THAT(run({65, 256}).error().message, HasSubstr("token 256 is no byte"));
  EXPECT_THAT(run({-1}).error().message, HasSubstr("token -1 is no byte"));
  EXPECT_EQ(run(std::vector<std::int32_t>(longest_ngram_text + 1, 65)).error().code, errc::invalid_argument);
  const auto broken = run({0xFF, 0xC3});
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->values, run({0xEF, 0xBF, 0xBD, 0xEF, 0xBF, 0xBD})->values);
}

TEST_F(ngram_directory_test, what_is_wrong_with_it_is_named) {
  folder_.edit("config.json", "\"hash_bits\": 12", "\"hash_bits\": 99");
  EXPECT_THAT(read().error().message, AllOf(HasSubstr("config.json"), HasSubstr("'hash_bits' is 99")));
  folder_.edit("config.json", "\"hash_bits\": 99", "\"hash_bits\": 11");
  EXPECT_THAT(read().error().message, AllOf(HasSubstr("'ngrams.rarity'"), HasSubstr("[8192]"), HasSubstr("[4096]")));
  folder_.edit("config.json", "\"hash_bits\": 11", "\"hash_bits\": 12");
  folder_.edit("model.safetensors", "\"shape.weight\"", "\"shape.height\"");
  EXPECT_THAT(read().error().message, HasSubstr("no tensor 'shape.weight'"));
}

TEST_F(ngram_directory_test, numbers_that_no_score_can_come_from_are_refused) {
  auto broken = weights_;
  broken.bias[0] = NAN;
  ASSERT_TRUE(write_ngram_directory(folder_.path(), broken, {}));
  EXPECT_THAT(read().error().message, HasSubstr("'bias' has values that are not finite"));
  broken = weights_;
  broken.levels->cuts = {2, 1, 3};
  ASSERT_TRUE(write_ngram_directory(folder_.path(), broken, {}));
  EXPECT_THAT(read().error().message, HasSubstr("must ascend"));
}

} // namespace
} // namespace chalkstream::models

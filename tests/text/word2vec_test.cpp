// Training word vectors: what is learnt, that it can be repeated, and the tools around it.
#include <cmath>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/word2vec.hpp"
#include "models/text/word_vector_file.hpp"
#include "pipelines/tools/neighbours.hpp"
#include "pipelines/tools/word2vec_recipe.hpp"
#include "tests/text/golden_texts.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

using texts = std::vector<std::vector<std::string>>;

/// Sentences of two kinds whose words never meet: animals do things to food, machines to numbers.
texts two_worlds() {
  const std::vector<std::vector<std::string>> worlds{
      {"cat", "dog", "cow", "eats", "likes", "grass", "fish", "meat"},
      {"modem", "server", "router", "adds", "sends", "bytes", "bits", "sums"}};
  texts made;
  random_numbers random(11);
  for (int k = 0; k < 1500; ++k) {
    const auto& words = worlds[random.below(2)];
    auto& text = made.emplace_back();
    for (int n = 0; n < 8; ++n)
      text.push_back(words[random.below(words.size())]);
  }
  return made;
}

word2vec_settings quick() {
  word2vec_settings its;
  its.width = 16;
  its.sample = 0;
  its.epochs = 3;
  return its;
}

bool same(const word_vectors& a, const word_vectors& b) {
  if (a.words() != b.words() || a.width() != b.width())
    return false;
  for (std::size_t k = 0; k < a.size(); ++k)
    if (std::memcmp(a.vector(k).data(), b.vector(k).data(), a.width() * sizeof(float)) != 0)
      return false;
  return true;
}

TEST(word2vec_test, puts_words_together_that_stand_together) {
  for (const bool skip_gram : {true, false}) {
    word2vec_settings its = quick();
    its.skip_gram = skip_gram;
    its.epochs = skip_gram ? 3 : 12;
    const auto made = train_word2vec(two_worlds(), its, {});
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_EQ(made->size(), 16U);
    const std::int32_t cat = made->find("cat");
    for (const auto& each : made->nearest(std::span(&cat, 1), 7)) {
      const std::string& word = made->words()[static_cast<std::size_t>(each.word)];
      EXPECT_TRUE(word == "dog" || word == "cow" || word == "eats" || word == "likes" || word == "grass"
                  || word == "fish" || word == "meat")
          << word << (skip_gram ? " by skip-gram" : " by CBOW");
    }
  }
}

TEST(word2vec_test, repeats_itself_with_one_thread_and_the_same_seed) {
  word2vec_settings its = quick();
  its.sample = 0.01;
  const auto first = train_word2vec(two_worlds(), its, {});
  const auto second = train_word2vec(two_worlds(), its, {});
  its.seed = 2;
  const auto third = train_word2vec(two_worlds(), its, {});
  ASSERT_TRUE(first && second && third);
  EXPECT_TRUE(same(*first, *second));
  EXPECT_FALSE(same(*first, *third));
}

TEST(word2vec_test, learns_with_several_threads_and_tells_how_far_it_is) {
  word2vec_settings its = quick();
  its.threads = 3;
  its.epochs = 6;
  std::vector<word2vec_progress> seen; // one thread tells at a time
  const auto made = train_word2vec(two_worlds(), its, [&](const word2vec_progress& now) {
    seen.push_back(now);
    return true;
  });
  ASSERT_TRUE(made);
  ASSERT_GE(seen.size(), 3U);
  EXPECT_EQ(seen.back().words_total, 1500U * 8 * 6);
  EXPECT_EQ(seen.back().words_done, seen.back().words_total);
  EXPECT_EQ(seen.back().seconds_left, 0);
  EXPECT_GT(seen.front().seconds_left, 0);
  const double knowing_nothing = 6 * std::log(2.0); // one true word and five negatives, each even odds
  EXPECT_LT(seen.back().loss, 0.6 * knowing_nothing);
  EXPECT_GT(seen.back().loss, 0);
}

TEST(word2vec_test, ends_early_when_told_to) {
  const auto made = train_word2vec(two_worlds(), quick(), [](const word2vec_progress&) { return false; });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::cancelled);
}

TEST(word2vec_test, names_a_setting_that_can_never_work) {
  const auto refused = [](auto change, const char* named) {
    word2vec_settings its = quick();
    change(its);
    const auto made = train_word2vec(two_worlds(), its, {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::invalid_argument);
    EXPECT_NE(made.error().message.find(named), std::string::npos) << made.error().message;
  };
  refused([](auto& its) { its.width = 0; }, "width");
  refused([](auto& its) { its.window = 0; }, "window");
  refused([](auto& its) { its.negative = 0; }, "negative");
  refused([](auto& its) { its.epochs = 0; }, "epochs");
  refused([](auto& its) { its.threads = 0; }, "threads");
  refused([](auto& its) { its.sample = -1; }, "sample");
  refused([](auto& its) { its.learning_rate = 0; }, "learning_rate");
  refused([](auto& its) { its.last_learning_rate = 1; }, "last_learning_rate");
  refused([](auto& its) { its.min_count = 100000; }, "min_count");
}

TEST(word2vec_test, becomes_a_model_directory_that_knows_neighbours) {
  std::string lines = "{\"id\":1,\"text\":3}\n\xFF\n\n";
  for (const auto& text : two_worlds()) {
    std::string line;
    for (const std::string& word : text)
      line += word + " ";
    lines += lines.size() % 2 == 0 ? "{\"text\":\"" + line + "\"}\n" : line + "\n";
  }
  const model_directory directory;
  for (const auto format : {vector_format::binary, vector_format::text}) {
    std::istringstream in(lines);
    pipelines::tools::word2vec_recipe recipe;
    recipe.training = quick();
    recipe.format = format;
    const auto out = directory.path() / (format == vector_format::binary ? "binary" : "text");
    const auto done = pipelines::tools::train_word2vec_model(in, out, recipe, {});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->texts, 1500U);
    EXPECT_EQ(done->rejected, 2U);
    EXPECT_EQ(done->words, 16U);

    std::istringstream asked("{\"id\":\"q\",\"text\":\"Cat!\"}\n{\"id\":2,\"text\":\"unheard-of\"}\nno json\n");
    std::ostringstream answers;
    const auto counts = pipelines::tools::neighbours(asked, answers, out, 2);
    ASSERT_TRUE(counts) << counts.error().message;
    EXPECT_EQ(counts->answered, 2U);
    EXPECT_EQ(counts->rejected, 1U);
    std::istringstream read(answers.str());
    std::string line;
    ASSERT_TRUE(std::getline(read, line));
    const json first = json::parse(line);
    EXPECT_EQ(first["id"], "q");
    ASSERT_EQ(first["neighbours"].size(), 2U);
    EXPECT_GE(first["neighbours"][0]["similarity"].get<double>(), first["neighbours"][1]["similarity"].get<double>());
    ASSERT_TRUE(std::getline(read, line));
    EXPECT_TRUE(json::parse(line)["neighbours"].empty());
  }
  std::istringstream nothing;
  std::ostringstream unused;
  EXPECT_FALSE(pipelines::tools::neighbours(nothing, unused, directory.path(), 2));
}

} // namespace
} // namespace chalkstream::text

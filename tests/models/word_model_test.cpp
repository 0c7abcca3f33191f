#include "models/repository.hpp"

#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::models {
namespace {

using ::testing::HasSubstr;

class word_model_test : public ::testing::Test {
protected:
  word_model_test() {
    folder_.write("config.json", R"({"model_type": "word2vec"})");
    folder_.write("vectors.txt", "3 2\nlight 3 0\nsugar 0 4\nplant 3 4\n");
  }

  result<loaded_model> load_it(head output = head::embedding, const char* device = "cpu") const {
    load_request request;
    request.name = "words";
    request.directory = folder_.path();
    request.output = output;
    request.device = device;
    return load(request, observer::none(), log::none());
  }

  testing::scratch_folder folder_;
};

TEST_F(word_model_test, gives_a_text_the_mean_of_its_words_with_length_one) {
  const auto loaded = load_it();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->compute->output_width(), 2U);
  EXPECT_FALSE(loaded->has_classifier);
  const sequence known{{0, 1}, {}}, unknown{{3, 3}, {}}, with_unknown{{2, 3}, {}}, empty{};
  const std::vector<const sequence*> batch{&known, &unknown, &with_unknown, &empty};
  const auto rows = loaded->compute->run(batch, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->values, (std::vector<float>{0.6F, 0.8F, 0, 0, 0.6F, 0.8F, 0, 0}));
}

TEST_F(word_model_test, leaves_the_mean_as_it_is_when_the_configuration_says_so) {
  folder_.write("config.json", R"({"model_type": "word2vec", "normalize": false})");
  const auto loaded = load_it();
  ASSERT_TRUE(loaded) << loaded.error().message;
  const sequence both{{0, 1}, {}};
  const std::vector<const sequence*> batch{&both};
  EXPECT_EQ(loaded->compute->run(batch, nullptr)->values, (std::vector<float>{1.5F, 2}));
}

TEST_F(word_model_test, has_a_digest_that_the_vectors_decide) {
  const auto before = load_it();
  ASSERT_TRUE(before);
  folder_.edit("vectors.txt", "plant 3 4", "plant 3 5");
  const auto after = load_it();
  ASSERT_TRUE(after);
  EXPECT_NE(before->compute->identity()->digest, after->compute->identity()->digest);
}

TEST_F(word_model_test, refuses_what_word_vectors_cannot_do) {
  EXPECT_EQ(load_it(head::logits).error().code, errc::invalid_configuration);
  EXPECT_THAT(load_it(head::embedding, "cuda").error().message, HasSubstr("CPU"));
  EXPECT_TRUE(inspect(folder_.path()));
  folder_.write("vectors.txt", "3 2\nlight 3\n");
  EXPECT_THAT(load_it().error().message, HasSubstr("vectors.txt"));
  folder_.write("config.json", R"({"model_type": "word2vec", "normalize": "yes"})");
  EXPECT_THAT(inspect(folder_.path()).error().message, HasSubstr("normalize"));
}

} // namespace
} // namespace chalkstream::models

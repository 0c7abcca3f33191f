// Word vectors: what gensim writes and finds, files that are wrong, and what they are asked.
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/tokenizer.hpp"
#include "models/text/word_vector_file.hpp"
#include "tests/text/piece_models.hpp"

namespace chalkstream::text {
namespace {

const auto folder = goldens / "words";

word_vectors small() {
  return word_vectors::make({"a", "b", "c"}, 2, {1, 0, 0.5F, 0.5F, -1, 0}).value();
}

TEST(word_vectors_test, reads_both_formats_as_gensim_writes_them) {
  const json expected = json::parse(std::ifstream(folder / "expected.json"));
  for (const auto format : {vector_format::text, vector_format::binary}) {
    const bool binary = format == vector_format::binary;
    const auto read = read_vectors(bytes_of(folder / (binary ? "vectors.bin" : "vectors.txt")), format);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), expected["vectors"].size());
    for (const auto& [word, values] : expected["vectors"].items()) {
      const std::int32_t at = read->find(word);
      ASSERT_GE(at, 0) << word;
      for (std::size_t k = 0; k < values.size(); ++k)
        EXPECT_EQ(read->vector(static_cast<std::size_t>(at))[k], values[k].get<float>()) << word;
    }
  }
}

TEST(word_vectors_test, finds_the_nearest_words_that_gensim_finds) {
  const json expected = json::parse(std::ifstream(folder / "expected.json"));
  const auto read = read_vectors(bytes_of(folder / "vectors.bin"), vector_format::binary);
  ASSERT_TRUE(read);
  for (const json& each : expected["asked"]) {
    std::vector<std::int32_t> words;
    for (const std::string word : each["words"])
      words.push_back(read->find(word));
    const auto found = read->nearest(words, 5);
    ASSERT_EQ(found.size(), 5U);
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_EQ(read->words()[static_cast<std::size_t>(found[k].word)], each["nearest"][k][0].get<std::string>());
      EXPECT_NEAR(found[k].similarity, each["nearest"][k][1].get<float>(), 1e-5);
    }
  }
}

TEST(word_vectors_test, reads_what_it_wrote_bit_by_bit) {
  const auto made = word_vectors::make({"x", "日本"}, 3, {0.1F, -1e-30F, 3e38F, 1.0F / 3, -0.0F, 7});
  ASSERT_FALSE(made); // its length is not finite
  const auto fine = word_vectors::make({"x", "日本"}, 3, {0.1F, -1e-30F, 3e18F, 1.0F / 3, -0.0F, 7}).value();
  for (const auto format : {vector_format::text, vector_format::binary}) {
    const auto again = read_vectors(write_vectors(fine, format), format);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->words(), fine.words());
    for (std::size_t word = 0; word < 2; ++word)
      EXPECT_EQ(std::memcmp(again->vector(word).data(), fine.vector(word).data(), 3 * sizeof(float)), 0);
  }
}

TEST(word_vectors_test, refuses_files_that_contradict_themselves) {
  const auto refused = [](std::string bytes, vector_format format, const char* named) {
    const auto made = read_vectors(bytes, format);
    ASSERT_FALSE(made) << bytes;
    EXPECT_EQ(made.error().code, errc::corrupt);
    EXPECT_NE(made.error().message.find(named), std::string::npos) << made.error().message;
  };
  const auto text = vector_format::text;
  ASSERT_TRUE(read_vectors("2 2\na 1 2\nb 3 4\n", text));
  ASSERT_TRUE(read_vectors("2 2 \na 1 2 \nb 3 4 ", text));
  refused("", text, "first line");
  refused("x 2\na 1 2\n", text, "first line");
  refused("0 2\n", text, "first line");
  refused("99999999999999999 9999999999999\na 1 2\n", text, "too short");
  refused("2 2\na 1 2\n", text, "too short");
  refused("2 2\na 1 2\n               ", text, "word 1");
  refused("2 2\na 1 x\nb 3 4\n", text, "word 0");
  refused("2 2\na 1 2 3\nb 3 4\n", text, "word 0");
  refused("2 2\na 1 2\na 3 4\n", text, "twice");
  refused("2 2\na 1 2\nb 3 nan\n", text, "not finite");
  refused("1 2\na 1 2\nb 3 4\n", text, "more words");
  const std::string whole = write_vectors(small(), vector_format::binary);
  for (std::size_t cut = 0; cut + 1 < whole.size(); ++cut)
    EXPECT_FALSE(read_vectors(whole.substr(0, cut), vector_format::binary)) << cut;
  refused(whole + "x", vector_format::binary, "behind the last word");
  random_numbers random(5);
  for (int k = 0; k < 2000; ++k) {
    std::string changed = whole;
    changed[random.below(changed.size())] ^= static_cast<char>(1 << random.below(8));
    (void)read_vectors(changed, vector_format::binary);
    (void)read_vectors(changed, text);
  }
}

TEST(word_vectors_test, takes_the_mean_of_the_words_it_has) {
  const word_vectors made = small();
  std::vector<float> out(2);
  made.mean(std::vector<std::int32_t>{0, 1, 3, -1}, out);
  EXPECT_EQ(out, (std::vector<float>{0.75F, 0.25F}));
  made.mean(std::vector<std::int32_t>{3}, out);
  EXPECT_EQ(out, (std::vector<float>{0, 0}));
  EXPECT_TRUE(made.nearest(std::vector<std::int32_t>{-1, 7}, 3).empty());
}

TEST(word_vectors_test, is_a_tokenizer_of_words) {
  const model_directory directory;
  directory.write("config.json", R"({"model_type": "word2vec"})");
  directory.write("vectors.txt", "3 2\nzürich 1 2\nlight 3 4\nit 5 6\n");
  const auto made = tokenizer::load(directory.path());
  ASSERT_TRUE(made) << made.error().message;
  const auto encoded = (*made)->encode("Light, in ZÜRICH: it's", {});
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->ids, (std::vector<std::int32_t>{1, 3, 0, 2, 3}));
  EXPECT_EQ(encoded->offsets[2], (std::pair<std::uint32_t, std::uint32_t>{10, 16}));
  EXPECT_EQ((*made)->vocabulary_size(), 4U);
  EXPECT_DOUBLE_EQ((*made)->unknown_share(*encoded), 0.4);
  EXPECT_EQ(words_of("Light, in ZÜRICH: it's", true), (std::vector<std::string>{"light", "in", "zürich", "it", "s"}));
  directory.write("config.json", R"({"model_type": "word2vec", "lowercase": false})");
  EXPECT_EQ((*tokenizer::load(directory.path()))->encode("Light light", {})->ids, (std::vector<std::int32_t>{3, 1}));
  directory.write("config.json", R"({"model_type": "word2vec", "lowercase": 3})");
  EXPECT_EQ(tokenizer::load(directory.path()).error().code, errc::corrupt);
}

} // namespace
} // namespace chalkstream::text

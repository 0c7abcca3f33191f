// Tokenizers of vocab.json and merges.txt against `transformers`; goldens/make_merges_goldens.py says how.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/text/tokenizer.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const fs::path goldens = "tests/text/goldens/merges";

using spans = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(merges_golden_test, reads_and_writes_every_text_as_transformers_does) {
  for (const char* name : {"roberta", "roberta_prefixed", "gpt2"}) {
    const auto made = tokenizer::load(goldens / name);
    ASSERT_TRUE(made) << name << ": " << made.error().message;
    std::ifstream in(goldens / name / "cases.json");
    const auto cases = json::parse(in);
    ASSERT_GE(cases.size(), 10U);
    for (const auto& one : cases) {
      SCOPED_TRACE(name + one.dump());
      const auto text = one.at("text").get<std::string>();
      const auto encoded = one.at("pair").is_null()
                               ? (*made)->encode(text, {})
                               : (*made)->encode_pair(text, one.at("pair").get<std::string>(), {});
      ASSERT_TRUE(encoded) << encoded.error().message;
      EXPECT_EQ(encoded->ids, one.at("ids").get<std::vector<std::int32_t>>());
      EXPECT_EQ(spans(encoded->offsets.begin(), encoded->offsets.end()), one.at("offsets").get<spans>());
      const auto decoded = (*made)->decode(encoded->ids, true);
      ASSERT_TRUE(decoded);
      EXPECT_EQ(*decoded, one.at("decoded").get<std::string>());
    }
  }
  EXPECT_EQ(tokenizer::load(goldens / "roberta").value()->configured_max_length(), 64U);
}

class merges_files_test : public ::testing::Test {
protected:
  void SetUp() override {
    for (const char* file : {"vocab.json", "merges.txt", "tokenizer_config.json"})
      fs::copy(goldens / "roberta" / file, directory_.path());
  }
  std::string refusal() const {
    const auto made = tokenizer::load(directory_.path());
    return made ? "" : made.error().message;
  }
  static void expect_has(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  model_directory directory_;
};

TEST_F(merges_files_test, that_are_wrong_are_named) {
  EXPECT_EQ(refusal(), "");
  directory_.write("merges.txt", "#version: 0.2\ne r\na b c\n");
  expect_has(refusal(), "merges.txt: line 3 is not a pair of tokens");
  directory_.write("merges.txt", "#version: 0.2\nxyz q\n");
  expect_has(refusal(), "merges.txt: 'xyz q'");
  directory_.write("vocab.json", R"({"<s>": 0, "a": 2})");
  expect_has(refusal(), "vocab.json");
  directory_.write("tokenizer_config.json", R"({"tokenizer_class": "WhisperTokenizer"})");
  expect_has(refusal(), "tokenizer_class 'WhisperTokenizer'");
}

TEST_F(merges_files_test, special_tokens_have_the_ids_of_the_vocabulary_or_those_behind_it) {
  directory_.write(
      "tokenizer_config.json",
      R"({"tokenizer_class": "RobertaTokenizer", "added_tokens_decoder": {"340": {"content": "<extra>"}}})");
  EXPECT_EQ(refusal(), "");
  EXPECT_EQ(tokenizer::load(directory_.path()).value()->id_of("<extra>"), 340);
  directory_.write("tokenizer_config.json",
                   R"({"tokenizer_class": "RobertaTokenizer", "added_tokens_decoder": {"7": {"content": "<s>"}}})");
  expect_has(refusal(), "the token <s> has the id 7; by vocab.json it is 0");
  directory_.write(
      "tokenizer_config.json",
      R"({"tokenizer_class": "RobertaTokenizer", "added_tokens_decoder": {"90000000": {"content": "x1"}}})");
  expect_has(refusal(), "x1 has the id 90000000");
}

} // namespace
} // namespace chalkstream::text

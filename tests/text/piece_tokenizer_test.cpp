// Directories with SentencePiece files: which settings are understood, and that the others are refused by name.
#include <string>

#include <gtest/gtest.h>

#include "models/text/tokenizer.hpp"
#include "tests/text/piece_models.hpp"

namespace chalkstream::text {
namespace {

class piece_tokenizer_test : public testing::Test {
protected:
  /// Of piece_tokenizers.json, with its settings changed.
  void start_with(const char* name, const json& changes = json::object()) {
    json its = piece_tokenizers().at(name);
    its["config"].update(changes);
    fill(directory_, its);
  }

  void expect_refused(errc code, const char* named) const {
    const auto made = tokenizer::load(directory_.path());
    ASSERT_FALSE(made) << "was loaded; should name: " << named;
    EXPECT_EQ(made.error().code, code) << made.error().message;
    EXPECT_NE(made.error().message.find(named), std::string::npos) << made.error().message;
  }

  model_directory directory_;
};

TEST_F(piece_tokenizer_test, names_a_setting_this_build_does_not_know) {
  start_with("xlm_roberta", {{"odd_setting", 1}});
  expect_refused(errc::unsupported, "odd_setting");
  start_with("xlm_roberta", {{"sp_model_kwargs", {{"enable_sampling", true}}}});
  expect_refused(errc::unsupported, "sp_model_kwargs");
  start_with("deberta", {{"split_by_punct", true}});
  expect_refused(errc::unsupported, "split_by_punct");
  start_with("xlm_roberta", {{"tokenizer_class", "OddTokenizer"}});
  expect_refused(errc::unsupported, "OddTokenizer");
}

TEST_F(piece_tokenizer_test, names_settings_that_contradict_each_other) {
  start_with("mbart", {{"src_lang", "xx_XX"}});
  expect_refused(errc::corrupt, "xx_XX");
  start_with("t5", {{"extra_ids", 3}, {"additional_special_tokens", {"<extra_id_0>"}}});
  expect_refused(errc::corrupt, "extra_ids");
  start_with("xlm_roberta", {{"added_tokens_decoder", {{"7", {{"content", "<mask>"}}}}}});
  expect_refused(errc::corrupt, "<mask>");
  start_with("xlm_roberta", {{"eos_token", "</s>"}});
  directory_.write("special_tokens_map.json", R"({"eos_token": "<end>"})");
  expect_refused(errc::corrupt, "eos_token");
}

TEST_F(piece_tokenizer_test, refuses_a_file_made_for_another_tokenizer) {
  start_with("t5");
  directory_.write("tokenizer_config.json", R"({"tokenizer_class": "XLMRobertaTokenizer"})");
  expect_refused(errc::not_found, "sentencepiece.bpe.model");
  directory_.write("sentencepiece.bpe.model", piece_model("bpe").substr(0, 30));
  expect_refused(errc::corrupt, "sentencepiece.bpe.model");
  directory_.write("sentencepiece.bpe.model", piece_model("suffix"));
  EXPECT_TRUE(tokenizer::load(directory_.path()));
  directory_.write("tokenizer_config.json", "{}");
  expect_refused(errc::unsupported, "tokenizer_class");
}

TEST_F(piece_tokenizer_test, goes_by_the_model_type_when_no_class_is_named) {
  start_with("t5");
  directory_.write("tokenizer_config.json", R"({"model_max_length": 512})");
  directory_.write("config.json", R"({"model_type": "t5", "vocab_size": 9999})");
  const auto made = tokenizer::load(directory_.path());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made)->configured_max_length(), 512U);
  EXPECT_EQ((*made)->id_of("<extra_id_0>"), static_cast<std::int32_t>((*made)->vocabulary_size()) - 1);
}

TEST_F(piece_tokenizer_test, adds_tokens_behind_the_vocabulary_in_the_order_of_their_ids) {
  start_with("deberta");
  const auto before = tokenizer::load(directory_.path());
  ASSERT_TRUE(before) << before.error().message;
  const auto size = static_cast<std::int32_t>((*before)->vocabulary_size());
  EXPECT_EQ((*before)->id_of("[MASK]"), size - 1);
  json added;
  added["<new>"] = size;
  added["[MASK]"] = size - 1;
  directory_.write("added_tokens.json", added.dump());
  const auto made = tokenizer::load(directory_.path());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made)->id_of("<new>"), size);
  const auto encoded = (*made)->encode("the<new>", {});
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->ids[encoded->ids.size() - 2], size);
  added["<new>"] = size + 5;
  directory_.write("added_tokens.json", added.dump());
  expect_refused(errc::corrupt, "<new>");
}

TEST_F(piece_tokenizer_test, knows_what_stands_in_different_files_about_one_token) {
  start_with("mbart",
             {{"mask_token", "<mask>"}, {"additional_special_tokens", {{{"content", "<new>"}, {"rstrip", true}}}}});
  const auto size = static_cast<std::int32_t>((*tokenizer::load(directory_.path()))->vocabulary_size());
  directory_.write("added_tokens.json", json{{"<new>", size - 1}}.dump());
  const auto made = tokenizer::load(directory_.path());
  ASSERT_TRUE(made) << made.error().message;
  const auto mask = (*made)->encode("the <mask> <new>  ", {});
  ASSERT_TRUE(mask);
  ASSERT_EQ(mask->offsets.size(), 5U);                                           // the, mask, new, end, language
  EXPECT_EQ(mask->offsets[1], (std::pair<std::uint32_t, std::uint32_t>{3, 10})); // the mask takes the space before it
  EXPECT_EQ(mask->offsets[2], (std::pair<std::uint32_t, std::uint32_t>{11, 18})); // and <new> those behind it
  EXPECT_EQ((*made)->decode(mask->ids, true).value(), "the");
}

TEST_F(piece_tokenizer_test, prefers_a_tokenizer_json) {
  start_with("t5");
  directory_.write("tokenizer.json", "{}");
  expect_refused(errc::corrupt, "tokenizer.json");
}

TEST_F(piece_tokenizer_test, says_that_there_is_no_tokenizer_at_all) {
  expect_refused(errc::not_found, "tokenizer.json");
}

} // namespace
} // namespace chalkstream::text

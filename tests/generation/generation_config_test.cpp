#include "models/generation/generation_config.hpp"

#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>

namespace chalkstream::models {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::scratch_folder;

result<generation_config> read_from(std::string_view name, std::string_view text) {
  const scratch_folder folder;
  folder.write(name, text);
  return generation_config::of_directory(folder.path());
}

std::string refusal(std::string_view text, std::string_view name = "generation_config.json") {
  const auto c = read_from(name, text);
  EXPECT_FALSE(c) << text;
  return c ? std::string() : to_string(c.error());
}

TEST(generation_config_test, reads_what_a_summariser_says) {
  const auto c = read_from("generation_config.json", R"({"_from_model_config":true,"bos_token_id":0,
      "decoder_start_token_id":2,"early_stopping":true,"eos_token_id":2,"forced_bos_token_id":0,"forced_eos_token_id":2,
      "length_penalty":2.0,"max_length":142,"min_length":56,"no_repeat_ngram_size":3,"num_beams":4,"pad_token_id":1,
      "bad_words_ids":[[7],[8,9]],"renormalize_logits":true,"transformers_version":"4.27.0","typical_p":1.0,
      "num_return_sequences":1,"top_k":null})");
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_THAT(c->ends, ElementsAre(2));
  EXPECT_EQ(c->start, 2);
  EXPECT_EQ(c->forced_first, 0);
  EXPECT_THAT(c->forced_last, ElementsAre(2));
  EXPECT_EQ(c->max_length, 142U);
  EXPECT_EQ(c->min_length, 56U);
  EXPECT_EQ(c->beams, 4U);
  EXPECT_EQ(c->length_penalty, 2.0);
  EXPECT_EQ(c->stop_early, early_stopping::yes);
  EXPECT_EQ(c->no_repeat_ngram, 3U);
  EXPECT_THAT(c->bad_words, ElementsAre(ElementsAre(7), ElementsAre(8, 9)));
  EXPECT_TRUE(c->renormalize);
  EXPECT_EQ(c->top_k, 50U);
}

TEST(generation_config_test, reads_what_a_chat_model_says) {
  const auto c = read_from("generation_config.json", R"({"bos_token_id":5,"eos_token_id":[6,7],"do_sample":true,
      "temperature":0.7,"top_p":0.8,"top_k":20,"repetition_penalty":1.05,"early_stopping":"never"})");
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_THAT(c->ends, ElementsAre(6, 7));
  EXPECT_EQ(c->start, 5) << "where there is no decoder_start_token_id";
  EXPECT_TRUE(c->sample);
  EXPECT_EQ(c->temperature, 0.7);
  EXPECT_EQ(c->top_p, 0.8);
  EXPECT_EQ(c->top_k, 20U);
  EXPECT_EQ(c->repetition_penalty, 1.05);
  EXPECT_EQ(c->stop_early, early_stopping::never);
}

TEST(generation_config_test, falls_back_to_config_json_whose_other_keys_are_not_its_business) {
  const auto c = read_from("config.json", R"({"model_type":"bart","d_model":16,"max_length":62,"num_beams":6,
      "bos_token_id":3,"force_bos_token_to_be_generated":true,"task_specific_params":{"summarization":{"num_beams":1}}})");
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->max_length, 62U);
  EXPECT_EQ(c->beams, 6U);
  EXPECT_EQ(c->forced_first, 3);
}

TEST(generation_config_test, names_what_it_does_not_have) {
  EXPECT_THAT(refusal(R"({"diversity_penalty":0.5})"),
              AllOf(HasSubstr("unsupported: "), HasSubstr("generation_config.json: 'diversity_penalty'")));
  EXPECT_THAT(refusal(R"({"num_return_sequences":3})"), HasSubstr("'num_return_sequences'"));
  EXPECT_THAT(refusal(R"({"stop_strings":["a"]})"), HasSubstr("'stop_strings'"));
  EXPECT_THAT(refusal(R"({"remove_invalid_values":true})"), HasSubstr("'remove_invalid_values'"));
  EXPECT_THAT(refusal(R"({"diversity_penalty":0.5})", "config.json"), HasSubstr("config.json: 'diversity_penalty'"));
  EXPECT_THAT(refusal(R"({"max_lenght":5})"), HasSubstr("'max_lenght' is not a setting"));
}

TEST(generation_config_test, names_what_cannot_be) {
  EXPECT_THAT(refusal(R"({"eos_token_id":-1})"), HasSubstr("'eos_token_id' must be a token's id"));
  EXPECT_THAT(refusal(R"({"eos_token_id":[1,"x"]})"), HasSubstr("'eos_token_id'"));
  EXPECT_THAT(refusal(R"({"eos_token_id":4294967296})"), HasSubstr("'eos_token_id'"));
  EXPECT_THAT(refusal(R"({"bad_words_ids":[1]})"), HasSubstr("'bad_words_ids'"));
  EXPECT_THAT(refusal(R"({"bad_words_ids":[[]]})"), HasSubstr("'bad_words_ids'"));
  EXPECT_THAT(refusal(R"({"num_beams":0})"), HasSubstr("'num_beams' must be at least 1"));
  EXPECT_THAT(refusal(R"({"max_new_tokens":0})"), HasSubstr("'max_new_tokens'"));
  EXPECT_THAT(refusal(R"({"early_stopping":"maybe"})"), HasSubstr("'early_stopping'"));
  EXPECT_THAT(refusal(R"({"temperature":0})"), HasSubstr("'temperature' must be more than 0"));
  EXPECT_THAT(refusal(R"({"top_p":1.5})"), HasSubstr("'top_p' must be from 0 to 1"));
  EXPECT_THAT(refusal(R"([])"), HasSubstr("must be an object"));
}

TEST(generation_config_test, checks_its_tokens_against_the_vocabulary) {
  generation_config c;
  c.ends = {9};
  EXPECT_TRUE(c.fits(10));
  const auto wrong = c.fits(9);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("'eos_token_id' of the generation settings names token 9"));
  c = {};
  c.bad_words = {{1, 12}};
  EXPECT_FALSE(c.fits(12));
}

} // namespace
} // namespace chalkstream::models

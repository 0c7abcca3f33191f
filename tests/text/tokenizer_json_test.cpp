// Files that are wrong: each is refused with an error that says what, and none does harm.
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/text/tokenizer.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

using json = nlohmann::json;

json good_file() {
  return json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [
      {"id":0,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
      {"id":4,"content":"[NEW]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
    "normalizer": {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,
                   "lowercase":true},
    "pre_tokenizer": {"type":"BertPreTokenizer"},
    "post_processor": {"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"[S]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
      "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
      "special_tokens":{"[S]":{"id":"[S]","ids":[1],"tokens":["[S]"]}}},
    "decoder": {"type":"WordPiece","prefix":"##","cleanup":true},
    "model": {"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
              "max_input_chars_per_word":100,"vocab":{"[UNK]":0,"[S]":1,"a":2,"##b":3}}
  })");
}

error refusal(const std::string& file) {
  const model_directory directory(file);
  auto made = tokenizer::load(directory.path());
  EXPECT_FALSE(made) << "was loaded: " << file.substr(0, 200);
  return made ? error{} : made.error();
}

void expect_refused(const char* path, const json& value, errc code, const char* named) {
  json file = good_file();
  file[json::json_pointer(path)] = value;
  const error why = refusal(file.dump());
  EXPECT_EQ(why.code, code) << path << ": " << why.message;
  EXPECT_NE(why.message.find(named), std::string::npos) << path << ": " << why.message;
}

TEST(tokenizer_json_test, reads_the_file_that_the_others_are_made_from) {
  const model_directory directory(good_file().dump());
  const auto made = tokenizer::load(directory.path());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made)->vocabulary_size(), 5U);
  const auto encoded = (*made)->encode("AB a[NEW]", {});
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->ids, (std::vector<std::int32_t>{1, 2, 3, 2, 4}));
}

TEST(tokenizer_json_test, names_the_component_this_build_does_not_know) {
  expect_refused("/normalizer", {{"type", "OddForm"}}, errc::unsupported, "OddForm");
  expect_refused("/normalizer", {{"type", "Sequence"}, {"normalizers", {{{"type", "OddForm"}}}}}, errc::unsupported,
                 "OddForm");
  expect_refused("/pre_tokenizer", {{"type", "OddSplit"}}, errc::unsupported, "OddSplit");
  expect_refused("/pre_tokenizer", {{"type", "Punctuation"}, {"behavior", "Odd"}}, errc::unsupported, "Odd");
  expect_refused("/post_processor", {{"type", "OddProcessing"}}, errc::unsupported, "OddProcessing");
  expect_refused("/decoder", {{"type", "OddDecoder"}}, errc::unsupported, "OddDecoder");
  expect_refused("/model/type", "OddModel", errc::unsupported, "OddModel");
  expect_refused("/version", "2.0", errc::unsupported, "2.0");
}

TEST(tokenizer_json_test, names_the_key_this_build_does_not_know) {
  expect_refused("/extra", 1, errc::unsupported, "extra");
  expect_refused("/normalizer/odd", 1, errc::unsupported, "odd");
  expect_refused("/pre_tokenizer/odd", 1, errc::unsupported, "odd");
  expect_refused("/model/merges", json::array(), errc::unsupported, "merges");
  expect_refused("/added_tokens/0/odd", 1, errc::unsupported, "odd");
}

TEST(tokenizer_json_test, refuses_values_of_the_wrong_type_and_says_which) {
  expect_refused("/normalizer", 3, errc::corrupt, "normalizer");
  expect_refused("/normalizer/clean_text", "yes", errc::corrupt, "clean_text");
  expect_refused("/normalizer/strip_accents", 1, errc::corrupt, "strip_accents");
  expect_refused("/pre_tokenizer/type", json::array(), errc::corrupt, "type");
  expect_refused("/model", "x", errc::corrupt, "model");
  expect_refused("/model/vocab", json::array({"a"}), errc::corrupt, "vocab");
  expect_refused("/model/vocab/a", "2", errc::corrupt, "vocab");
  expect_refused("/model/vocab/a", 2.5, errc::corrupt, "vocab");
  expect_refused("/model/max_input_chars_per_word", -1, errc::corrupt, "max_input_chars_per_word");
  expect_refused("/model/max_input_chars_per_word", 1e300, errc::corrupt, "max_input_chars_per_word");
  expect_refused("/added_tokens", json::object(), errc::corrupt, "added_tokens");
  expect_refused("/added_tokens/0", 7, errc::corrupt, "added_tokens[0]");
  expect_refused("/added_tokens/0/lstrip", 7, errc::corrupt, "lstrip");
  expect_refused("/post_processor/single", 7, errc::corrupt, "single");
  expect_refused("/post_processor/single/0", json::object(), errc::corrupt, "single");
}

TEST(tokenizer_json_test, refuses_vocabularies_that_contradict_themselves) {
  expect_refused("/model/vocab/a", 3, errc::corrupt, "twice");
  expect_refused("/model/vocab/a", 4, errc::corrupt, "gap");
  expect_refused("/model/vocab/a", -1, errc::corrupt, "gap");
  expect_refused("/model/vocab/a", 1000000000, errc::corrupt, "gap");
  expect_refused("/model/vocab/a", 18446744073709551615U, errc::corrupt, "gap");
  expect_refused("/model/unk_token", "[GONE]", errc::corrupt, "unknown token");
  expect_refused("/added_tokens/0/id", 1, errc::corrupt, "added_tokens[0]");
  expect_refused("/added_tokens/1/id", 9, errc::corrupt, "added_tokens[1]");
  expect_refused("/added_tokens/1/id", 1e12, errc::corrupt, "id");
  expect_refused("/added_tokens/1/content", "", errc::corrupt, "empty");
  expect_refused("/post_processor/special_tokens/[S]/ids/0", 5, errc::corrupt, "outside the vocabulary");
  expect_refused("/post_processor/special_tokens", json::object(), errc::corrupt, "not listed");
  expect_refused("/post_processor/single/1/Sequence/id", "B", errc::corrupt, "does not have");
}

TEST(tokenizer_json_test, refuses_two_added_tokens_that_read_the_same) {
  json file = good_file();
  json token = file["added_tokens"][1];
  token["normalized"] = true;
  token["content"] = "New";
  file["added_tokens"][1] = token;
  token["content"] = "NEW";
  token["id"] = 5;
  file["added_tokens"].push_back(token);
  EXPECT_EQ(refusal(file.dump()).code, errc::corrupt);
}

TEST(tokenizer_json_test, refuses_what_is_not_json_and_what_is_nested_without_end) {
  EXPECT_EQ(refusal("").code, errc::corrupt);
  EXPECT_EQ(refusal("{").code, errc::corrupt);
  EXPECT_EQ(refusal("[]").code, errc::corrupt);
  EXPECT_EQ(refusal("{\"model\":\"\\ud800\"}").code, errc::corrupt);
  EXPECT_EQ(refusal("{\"a\":\"\xff\"}").code, errc::corrupt);
  EXPECT_EQ(refusal(std::string(1000000, '[')).code, errc::corrupt);
  std::string deep = R"({"type":"NFC"})";
  for (int k = 0; k < 200; ++k)
    deep = R"({"type":"Sequence","normalizers":[)" + deep + "]}";
  EXPECT_EQ(refusal("{\"normalizer\":" + deep + "}").code, errc::corrupt);
}

TEST(tokenizer_json_test, refuses_every_truncation_of_a_good_file_and_survives_every_changed_byte) {
  const std::string whole = good_file().dump();
  for (std::size_t size = 0; size < whole.size(); size += 7)
    EXPECT_EQ(refusal(whole.substr(0, size)).code, errc::corrupt);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = "9\"[}x\xff"[at % 6];
    const model_directory directory(changed);
    const auto made = tokenizer::load(directory.path());
    if (made) { // some changes only rename something
      EXPECT_TRUE((*made)->encode("ab [NEW] A[S]b", {}));
    }
  }
}

TEST(tokenizer_json_test, refuses_a_file_of_a_gigabyte_without_reading_it) {
  const model_directory directory("{}");
  std::filesystem::resize_file(directory.path() / "tokenizer.json", std::uintmax_t{1} << 30);
  EXPECT_EQ(tokenizer::load(directory.path()).error().code, errc::unsupported);
}

TEST(tokenizer_json_test, says_when_there_is_no_file) {
  const model_directory directory("{}");
  std::filesystem::remove(directory.path() / "tokenizer.json");
  EXPECT_EQ(tokenizer::load(directory.path()).error().code, errc::not_found);
  std::filesystem::create_directory(directory.path() / "tokenizer.json");
  EXPECT_EQ(tokenizer::load(directory.path()).error().code, errc::io);
}

TEST(tokenizer_json_test, takes_the_longest_length_from_the_configuration_when_it_means_one) {
  const model_directory directory(good_file().dump());
  const auto length = [&](const char* value) {
    directory.write("tokenizer_config.json", value);
    const auto made = tokenizer::load(directory.path());
    EXPECT_TRUE(made);
    return made ? (*made)->configured_max_length() : std::nullopt;
  };
  EXPECT_EQ(tokenizer::load(directory.path()).value()->configured_max_length(), std::nullopt);
  EXPECT_EQ(length(R"({"model_max_length": 512})"), 512U);
  EXPECT_EQ(length(R"({"model_max_length": 1000000000000000019884624838656})"), std::nullopt);
  EXPECT_EQ(length(R"({"model_max_length": null})"), std::nullopt);
  EXPECT_EQ(length("{}"), std::nullopt);
  for (const char* wrong : {R"({"model_max_length": -1})", R"({"model_max_length": "x"})", "[]", "{"}) {
    directory.write("tokenizer_config.json", wrong);
    EXPECT_EQ(tokenizer::load(directory.path()).error().code, errc::corrupt) << wrong;
  }
}

} // namespace
} // namespace chalkstream::text

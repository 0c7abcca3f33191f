// The parts of tokenizers beyond WordPiece: files that are wrong are refused by name, and none does harm.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/text/tokenizer.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

using json = nlohmann::json;
using ids = std::vector<std::int32_t>;

json bpe_file() {
  return json::parse(R"({
    "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null,
    "decoder": {"type":"Fuse"},
    "model": {"type":"BPE","dropout":null,"unk_token":"?","continuing_subword_prefix":null,"end_of_word_suffix":null,
              "fuse_unk":true,"byte_fallback":false,"ignore_merges":false,
              "vocab":{"?":0,"a":1,"b":2,"ab":3,"abab":4," ":5},"merges":["a b",["ab","ab"]]}
  })");
}

json unigram_file() {
  return json::parse(R"({
    "version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null, "decoder": null,
    "pre_tokenizer": {"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true},
    "model": {"type":"Unigram","unk_id":0,"byte_fallback":false,
              "vocab":[["?",0.0],["_",-2.0],["a",-1.0],["_a",-1.5],["aa",-3.0]]}
  })");
}

result<std::shared_ptr<const tokenizer>> loaded(const json& file) {
  return tokenizer::load(model_directory(file.dump()).path());
}

ids encoded(const json& file, std::string_view text) {
  const auto made = loaded(file);
  EXPECT_TRUE(made) << made.error().message;
  const auto tokens = made ? (*made)->encode(text, {}) : result<encoding>(errc::internal, "");
  return tokens ? tokens->ids : ids{};
}

void expect_refused(json file, const char* path, const json& value, errc code, const char* named) {
  file[json::json_pointer(path)] = value;
  const auto made = loaded(file);
  ASSERT_FALSE(made) << path << " = " << value;
  EXPECT_EQ(made.error().code, code) << path << ": " << made.error().message;
  EXPECT_NE(made.error().message.find(named), std::string::npos) << path << ": " << made.error().message;
}

TEST(tokenizer_parts_test, merges_the_strongest_pair_first_and_fuses_what_it_does_not_know) {
  EXPECT_EQ(encoded(bpe_file(), "abab"), (ids{4}));
  EXPECT_EQ(encoded(bpe_file(), "aab"), (ids{1, 3}));
  EXPECT_EQ(encoded(bpe_file(), "axxab"), (ids{1, 0, 3}));
}

TEST(tokenizer_parts_test, finds_the_pieces_whose_scores_add_up_to_the_most) {
  EXPECT_EQ(encoded(unigram_file(), "aa"), (ids{3, 2}));
  EXPECT_EQ(encoded(unigram_file(), "a xx"), (ids{3, 1, 0}));
  EXPECT_TRUE(encoded(unigram_file(), "").empty());
}

TEST(tokenizer_parts_test, does_without_an_unknown_token_until_it_needs_one) {
  json words = bpe_file();
  words["model"] = {{"type", "WordLevel"}, {"unk_token", "?"}, {"vocab", {{"a", 0}, {"b", 1}}}};
  words["pre_tokenizer"] = {{"type", "WhitespaceSplit"}};
  json pieces = unigram_file();
  pieces["model"].erase("unk_id");
  EXPECT_EQ(encoded(words, "b a"), (ids{1, 0}));
  EXPECT_EQ(encoded(pieces, "aa"), (ids{3, 2}));
  for (const json& file : {words, pieces}) {
    const auto made = loaded(file);
    ASSERT_TRUE(made) << made.error().message;
    const auto failed = (*made)->encode("a x", {});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, errc::invalid_argument);
    EXPECT_NE(failed.error().message.find("no token"), std::string::npos) << failed.error().message;
  }
  words["model"]["vocab"]["?"] = 2;
  EXPECT_EQ(encoded(words, "b x"), (ids{1, 2}));
}

TEST(tokenizer_parts_test, decodes_what_it_encoded_and_skips_ids_it_does_not_have) {
  const auto made = loaded(bpe_file());
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->decode(ids{4, 5, 99, -1, 1}, true).value(), "abab a");
  EXPECT_EQ((*made)->decode(ids{}, true).value(), "");
}

TEST(tokenizer_parts_test, refuses_models_that_contradict_themselves) {
  expect_refused(bpe_file(), "/model/dropout", 0.1, errc::unsupported, "dropout");
  expect_refused(bpe_file(), "/model/merges/0", "a c", errc::corrupt, "merge 0");
  expect_refused(bpe_file(), "/model/merges/0", "a b c", errc::corrupt, "merges[0]");
  expect_refused(bpe_file(), "/model/merges/1", json::array({"ab"}), errc::corrupt, "merges[1]");
  expect_refused(bpe_file(), "/model/merges", 3, errc::corrupt, "merges");
  expect_refused(bpe_file(), "/model/unk_token", "[GONE]", errc::corrupt, "unknown token");
  expect_refused(bpe_file(), "/model/odd", 1, errc::unsupported, "odd");
  json with_suffix = bpe_file();
  with_suffix["model"]["end_of_word_suffix"] = "</w>";
  expect_refused(with_suffix, "/model/byte_fallback", true, errc::unsupported, "byte_fallback");
  expect_refused(unigram_file(), "/model/unk_id", 5, errc::corrupt, "unk_id");
  expect_refused(unigram_file(), "/model/vocab/1", json::array({"_"}), errc::corrupt, "vocab[1]");
  expect_refused(unigram_file(), "/model/vocab/1/1", "x", errc::corrupt, "vocab[1]");
  expect_refused(unigram_file(), "/model/vocab", json::object(), errc::corrupt, "vocab");
}

TEST(tokenizer_parts_test, refuses_components_whose_values_it_does_not_know) {
  const auto with = [](const char* path, const json& value, errc code, const char* named) {
    expect_refused(bpe_file(), path, value, code, named);
  };
  const auto split = [](const char* pattern) {
    return json{{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  };
  with("/pre_tokenizer", split("("), errc::corrupt, "pattern");
  with("/pre_tokenizer", split("\\h+"), errc::unsupported, "\\h");
  with("/pre_tokenizer", split("\\p{Tibetan}"), errc::unsupported, "\\p{Tibetan}");
  with("/pre_tokenizer", split("[[:alpha:]]"), errc::unsupported, "POSIX");
  with("/pre_tokenizer", split("a{1,2}+"), errc::unsupported, "interval");
  with("/pre_tokenizer", split("\\"), errc::corrupt, "backslash");
  json odd = split("a");
  odd["behavior"] = "Odd";
  with("/pre_tokenizer", odd, errc::unsupported, "Odd");
  with("/pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "__"}}, errc::corrupt, "replacement");
  with("/pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "odd"}}, errc::unsupported,
       "odd");
  with("/pre_tokenizer", {{"type", "Digits"}}, errc::corrupt, "individual_digits");
  with("/pre_tokenizer", {{"type", "FixedLength"}, {"length", 0}}, errc::corrupt, "length");
  with("/normalizer", {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAA"}}, errc::corrupt, "charsmap");
  with("/normalizer", {{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "x"}}, errc::unsupported,
       "empty");
  const json roberta = {{"type", "RobertaProcessing"},
                        {"sep", {"a", 1}},
                        {"cls", {"b", 2}},
                        {"trim_offsets", true},
                        {"add_prefix_space", true}};
  with("/post_processor", {{"type", "Sequence"}, {"processors", {roberta, roberta}}}, errc::unsupported,
       "behind another");
  json outside = roberta;
  outside["sep"] = {"a", 6};
  with("/post_processor", outside, errc::corrupt, "outside the vocabulary");
  with("/decoder", {{"type", "Strip"}, {"content", ""}, {"start", 0}, {"stop", 0}}, errc::corrupt, "content");
}

TEST(tokenizer_parts_test, survives_every_changed_byte_and_every_truncation_of_a_file) {
  for (const std::string& whole : {bpe_file().dump(), unigram_file().dump()}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = "9\"[}x\xff"[at % 6];
      const model_directory directory(changed);
      if (const auto made = tokenizer::load(directory.path())) { // some changes only rename something
        EXPECT_TRUE((*made)->encode("ab aab x_", {}));
        EXPECT_TRUE((*made)->decode(ids{0, 1, 2, 3, 4, 5, 6}, true));
      }
      if (at % 7 == 0) {
        EXPECT_FALSE(tokenizer::load(model_directory(whole.substr(0, at)).path()));
      }
    }
  }
}

TEST(tokenizer_parts_test, gives_up_on_a_text_that_a_pattern_would_take_for_ever_on) {
  json file = bpe_file();
  file["pre_tokenizer"] = {{"type", "Split"},
                           {"pattern", {{"Regex", "(a|a|b)*(a|b|a)*(a|a|b)*c"}}},
                           {"behavior", "Isolated"},
                           {"invert", false}};
  const auto made = loaded(file);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE((*made)->encode("abc", {}));
  EXPECT_EQ((*made)->encode(std::string(2000, 'a'), {}).error().code, errc::invalid_argument);
}

} // namespace
} // namespace chalkstream::text

// Every text of goldens/ against what Hugging Face `tokenizers` made of it; goldens/make_goldens.py says how.
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/normalizer.hpp"
#include "models/text/pre_tokenizer.hpp"
#include "models/text/tokenizer.hpp"
#include "models/text/utf8.hpp"
#include "tests/text/golden_texts.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

TEST(golden_test, encodes_every_text_as_the_reference_does_with_the_tokenizer_of_minilm) {
  const recipe texts;
  const auto minilm = tokenizer::load(minilm_directory());
  ASSERT_TRUE(minilm) << minilm.error().message;
  expect_goldens(**minilm, texts, "minilm", texts.cases("minilm_cases"));
}

TEST(golden_test, encodes_every_text_as_the_reference_does_with_every_variant_of_the_components) {
  const recipe texts;
  json vocabulary = json::object();
  std::ifstream in(goldens / "vocabulary.txt");
  for (std::string token; std::getline(in, token);)
    vocabulary[token] = vocabulary.size();
  const json variants = json::parse(std::ifstream(goldens / "variants.json"));
  ASSERT_GE(variants.size(), 12U);
  for (const auto& [name, variant] : variants.items()) {
    json file = variant;
    if (!file["model"].contains("vocab"))
      file["model"]["vocab"] = vocabulary;
    const model_directory directory(file.dump());
    const auto made = tokenizer::load(directory.path());
    ASSERT_TRUE(made) << name << ": " << made.error().message;
    expect_goldens(**made, texts, name, texts.cases("variant_cases"));
  }
}

/// The components of make_goldens.py's main(), in its order.
std::vector<normalizer> normalizers() {
  using kind = normalizer_step::kind;
  std::vector<normalizer> made;
  made.emplace_back(std::vector<normalizer_step>{{kind::bert, true, true, true, true}});
  made.emplace_back(std::vector<normalizer_step>{{kind::bert, true, false, false, false}});
  for (const kind each : {kind::lowercase, kind::strip_accents, kind::nfd, kind::nfkd, kind::nfc, kind::nfkc})
    made.emplace_back(std::vector<normalizer_step>{{each}});
  return made;
}

std::vector<pre_tokenizer> pre_tokenizers() {
  using kind = pre_tokenizer_step::kind;
  std::vector<pre_tokenizer> made;
  for (const kind each : {kind::bert, kind::whitespace, kind::whitespace_split, kind::punctuation})
    made.emplace_back(std::vector<pre_tokenizer_step>{{each}});
  return made;
}

TEST(golden_test, treats_every_code_point_as_the_reference_does) {
  const auto minilm = tokenizer::load(minilm_directory());
  ASSERT_TRUE(minilm) << minilm.error().message;
  const std::vector<std::uint32_t> sums = read_sums("code_points.crc");
  ASSERT_EQ(sums.size(), (0x110000U - 0x800U) / 256U);
  const auto normalize = normalizers();
  const auto cut = pre_tokenizers();
  normalizer::scratch work;
  normalized_text text;
  std::vector<pre_tokenizer::word> words;
  pre_tokenizer::scratch cutting;
  std::size_t block = 0;
  for (char32_t low = 0; low < 0x110000; low += 256) {
    if (low >= 0xD800 && low < 0xE000)
      continue;
    checksum sum;
    for (char32_t cp = low; cp < low + 256; ++cp) {
      char bytes[4];
      const std::string around = "a" + std::string(bytes, encode_utf8(cp, bytes)) + "b";
      for (const normalizer& each : normalize) {
        text.assign(around, 0);
        ASSERT_TRUE(each.apply(text, work));
        for (const auto& character : text.characters)
          sum.add({bytes, encode_utf8(character.cp, bytes)});
        sum.add("\n");
      }
      text.assign(around, 0);
      for (const pre_tokenizer& each : cut) {
        words.assign(1, {0, text.characters.size()});
        ASSERT_TRUE(each.apply(text, words, cutting));
        for (const auto& word : words) {
          sum.add_number(static_cast<std::uint32_t>(word.begin));
          sum.add_number(static_cast<std::uint32_t>(word.end));
        }
        sum.add("\n");
      }
      const auto encoded = (*minilm)->encode(around, {});
      ASSERT_TRUE(encoded);
      for (const std::int32_t id : encoded->ids)
        sum.add_number(static_cast<std::uint32_t>(id));
      for (const auto& [begin, end] : encoded->offsets) {
        sum.add_number(begin);
        sum.add_number(end);
      }
    }
    ASSERT_EQ(sum.value(), sums[block++]) << "in the block from U+" << std::hex << static_cast<std::uint32_t>(low);
  }
}

} // namespace
} // namespace chalkstream::text

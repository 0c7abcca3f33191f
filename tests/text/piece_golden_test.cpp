// Tokenizers made of SentencePiece files against SentencePiece itself and `transformers`;
// goldens/make_piece_goldens.py says how.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/tokenizer.hpp"
#include "tests/text/piece_models.hpp"

namespace chalkstream::text {
namespace {

constexpr std::size_t together = 10;

std::shared_ptr<const tokenizer> made_of(const json& its) {
  const model_directory directory;
  fill(directory, its);
  auto made = tokenizer::load(directory.path());
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::move(made).value() : nullptr;
}

/// `add` (case number, sum) for every case; compares each ten with the file's line.
template <class Add>
void expect_sums(const std::string& name, const char* kind, std::size_t cases, const Add& add) {
  const std::vector<std::uint32_t> sums = read_sums("pieces/" + name + "." + kind + ".crc");
  ASSERT_EQ(sums.size() * together, cases) << name;
  std::size_t different = 0, first = 0;
  for (std::size_t line = 0; line < sums.size(); ++line) {
    checksum sum;
    for (std::size_t k = 0; k < together; ++k)
      add(line * together + k, sum);
    if (sum.value() != sums[line] && different++ == 0)
      first = line * together;
  }
  EXPECT_EQ(different, 0U) << name << " " << kind << ": the first of them begin with case " << first;
}

TEST(piece_golden_test, cuts_every_text_as_sentencepiece_does) {
  const recipe texts;
  const json all = piece_tokenizers();
  ASSERT_GE(all.size(), 12U);
  for (const auto& [name, its] : all.items()) {
    const auto made = made_of(its);
    ASSERT_TRUE(made) << name;
    const bool ids_only = name == "albert"; // what prepares its texts is not SentencePiece
    expect_sums(name, "pieces", 20000, [&, &its_name = name](std::size_t number, checksum& sum) {
      golden_case text = texts.make(number);
      text.options.cut = truncation::none;
      const auto encoded = encode(*made, text);
      ASSERT_TRUE(encoded) << its_name << " case " << number << ": " << encoded.error().message;
      for (const std::int32_t id : encoded->ids)
        sum.add_number(static_cast<std::uint32_t>(id));
      for (const auto& [begin, end] : encoded->offsets)
        if (!ids_only) {
          sum.add_number(begin);
          sum.add_number(end);
        }
    });
  }
}

TEST(piece_golden_test, reads_and_writes_words_and_special_tokens_as_transformers_does) {
  const recipe texts;
  const json all = piece_tokenizers();
  std::size_t compared = 0;
  for (const auto& [name, its] : all.items()) {
    if (its.at("class") == "")
      continue;
    const auto made = made_of(its);
    ASSERT_TRUE(made) << name;
    const auto special = its.value("special", std::vector<std::string>());
    expect_sums(name, "plain", 4000, [&](std::size_t number, checksum& sum) {
      random_numbers random((number + 1) * 0x9FB21C651E98DF25U);
      golden_case text;
      text.first = texts.plain(special, random);
      if (random.below(4) == 0)
        text.second = texts.plain(special, random);
      const auto encoded = encode(*made, text);
      ASSERT_TRUE(encoded);
      for (const std::int32_t id : encoded->ids)
        sum.add_number(static_cast<std::uint32_t>(id));
      const auto back = made->decode(encoded->ids, true);
      ASSERT_TRUE(back);
      sum.add(*back);
    });
    ++compared;
  }
  EXPECT_EQ(compared, 9U);
}

TEST(piece_golden_test, knows_language_codes_by_name) {
  const json all = piece_tokenizers();
  const auto mbart = made_of(all.at("mbart"));
  ASSERT_TRUE(mbart);
  const auto target = mbart->id_of("ro_RO");
  ASSERT_TRUE(target);
  EXPECT_EQ(mbart->encode("the day", {})->ids.back(), *target); // its src_lang
  EXPECT_EQ(mbart->id_of("xx_XX"), std::nullopt);

  const auto marian = made_of(all.at("marian"));
  ASSERT_TRUE(marian);
  const auto encoded = marian->encode(">>ron<< the day >>ron<<", {});
  ASSERT_TRUE(encoded);
  const auto code = marian->id_of(">>ron<<");
  ASSERT_TRUE(code);
  EXPECT_EQ(std::count(encoded->ids.begin(), encoded->ids.end(), *code), 1);
  EXPECT_EQ(encoded->ids.front(), *code);
}

TEST(piece_golden_test, reads_with_one_vocabulary_and_writes_with_another) {
  json its = piece_tokenizers().at("marian");
  its["config"]["separate_vocabs"] = true;
  const model_directory directory;
  fill(directory, its);
  EXPECT_FALSE(tokenizer::load(directory.path()).ok()); // target_vocab.json is not there
  directory.write("target_vocab.json",
                  R"({"</s>": 0, "<unk>": 1, "\u2581bun\u0103": 2, "\u2581ziua": 3, "<pad>": 4})");
  const auto made = tokenizer::load(directory.path());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made)->decode(std::vector<std::int32_t>{4, 2, 3, 0}, true).value(), "bun\u0103 ziua");
}

} // namespace
} // namespace chalkstream::text

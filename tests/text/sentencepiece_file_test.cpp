// Files that are wrong: each is refused with an error that says what, and none does harm.
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/protobuf.hpp"
#include "models/text/sentencepiece_file.hpp"
#include "models/text/tokenizer.hpp"
#include "tests/text/piece_models.hpp"

namespace chalkstream::text {
namespace {

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}

std::string number_field(std::uint32_t number, std::uint64_t value) {
  return varint(number << 3) + varint(value);
}
std::string bytes_field(std::uint32_t number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string piece(const std::string& text, std::uint64_t type, float score = -1) {
  char raw[4];
  std::memcpy(raw, &score, 4);
  return bytes_field(1, bytes_field(1, text) + varint(2 << 3 | 5) + std::string(raw, 4) + number_field(3, type));
}

std::string small_file() {
  return piece("<unk>", 2) + piece("\xE2\x96\x81", 1) + piece("a", 1);
}

void expect_refused(const std::string& bytes, errc code, const char* named) {
  const auto made = read_sentencepiece_file(bytes);
  ASSERT_FALSE(made) << "was read; should name: " << named;
  EXPECT_EQ(made.error().code, code) << made.error().message;
  EXPECT_NE(made.error().message.find(named), std::string::npos) << made.error().message;
}

TEST(sentencepiece_file_test, reads_a_trained_model) {
  const auto made = read_sentencepiece_file(piece_model("bpe"));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->model, sentencepiece_file::algorithm::bpe);
  EXPECT_TRUE(made->byte_fallback);
  EXPECT_FALSE(made->remove_extra_whitespaces);
  EXPECT_TRUE(made->dummy_prefix);
  EXPECT_EQ(made->pieces[made->unknown].text, "<unk>");
}

TEST(sentencepiece_file_test, refuses_what_contradicts_itself_and_names_it) {
  ASSERT_TRUE(read_sentencepiece_file(small_file()));
  expect_refused("", errc::corrupt, "no pieces");
  expect_refused(piece("a", 1), errc::corrupt, "0 pieces stand for the unknown");
  expect_refused(small_file() + piece("<unk2>", 2), errc::corrupt, "2 pieces stand for the unknown");
  expect_refused(small_file() + piece("a", 1), errc::corrupt, "piece 3 is there twice");
  expect_refused(small_file() + piece("", 1), errc::corrupt, "piece 3 is empty");
  expect_refused(small_file() + piece("\xFF", 1), errc::corrupt, "piece 3 is not valid UTF-8");
  expect_refused(small_file() + piece("b", 1, std::nanf("")), errc::corrupt, "piece 3's score");
  expect_refused(small_file() + piece("b", 9), errc::unsupported, "type 9");
  expect_refused(small_file() + piece("b", 6), errc::corrupt, "should be a byte");
  expect_refused(small_file() + bytes_field(2, number_field(35, 1)), errc::corrupt, "byte_fallback");
  expect_refused(small_file() + bytes_field(2, number_field(3, 3)), errc::unsupported, "model_type 3");
  expect_refused(small_file() + bytes_field(3, bytes_field(2, "abc")), errc::corrupt, "precompiled_charsmap");
  expect_refused(small_file() + bytes_field(5, bytes_field(2, "abc")), errc::unsupported, "denormalizer_spec");
  expect_refused(small_file() + number_field(1, 5), errc::corrupt, "another kind");
}

TEST(sentencepiece_file_test, believes_no_size_and_no_number) {
  const auto first = [](const std::string& message) {
    protobuf_reader reader(message);
    return reader.next();
  };
  const std::string huge = std::string(9, '\xFF') + '\x01';
  EXPECT_TRUE(first(""));
  EXPECT_FALSE(*first(""));
  for (const std::string& wrong :
       {varint(1 << 3 | 2) + huge, varint(1 << 3 | 2) + varint(100) + "short", std::string("\x80"),
        std::string(11, '\x80'), varint(0 << 3), varint(1 << 3 | 3), varint(1 << 3 | 4), varint(1 << 3 | 6),
        varint(1 << 3 | 5) + "abc", varint(1 << 3 | 1) + "abcdefg", huge,
        varint(1 << 3) + std::string(9, '\xFF') + '\x02'})
    EXPECT_FALSE(first(wrong)) << testing::PrintToString(wrong);
  const auto largest = first(varint(1 << 3) + huge);
  ASSERT_TRUE(largest && *largest);
  EXPECT_EQ((*largest)->value, ~std::uint64_t{0});
}

/// Loads and uses what can be loaded; returns whether it could.
bool survives(const std::string& bytes) {
  const model_directory directory;
  directory.write("tokenizer.model", bytes);
  directory.write("tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizer"})");
  const auto made = tokenizer::load(directory.path());
  if (!made)
    return false;
  const auto encoded = (*made)->encode("The  ½ day \u3000 <user> \U0001F600 …", {});
  if (encoded)
    (void)(*made)->decode(encoded->ids, false);
  return true;
}

TEST(sentencepiece_file_test, survives_every_cut_and_any_flipped_bits) {
  for (const char* name : {"unigram", "bpe"}) {
    const std::string whole = piece_model(name);
    ASSERT_TRUE(survives(whole));
    random_numbers random(7);
    for (int k = 0; k < 150; ++k)
      survives(whole.substr(0, random.below(whole.size())));
    std::size_t loaded = 0;
    for (int k = 0; k < 300; ++k) {
      std::string changed = whole;
      for (std::uint64_t n = 1 + random.below(4); n > 0; --n)
        changed[random.below(changed.size())] ^= static_cast<char>(1 << random.below(8));
      loaded += survives(changed);
    }
    EXPECT_GT(loaded, 0U); // some changes are harmless: a score, a letter
    EXPECT_LT(loaded, 300U);
  }
}

} // namespace
} // namespace chalkstream::text

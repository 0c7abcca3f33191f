// Every text of goldens/ against what Hugging Face `tokenizers` made of it; goldens/make_goldens.py says how.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/text/normalizer.hpp"
#include "models/text/pre_tokenizer.hpp"
#include "models/text/tokenizer.hpp"
#include "models/text/utf8.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

using json = nlohmann::ordered_json;

const std::filesystem::path goldens = "tests/text/goldens";

/// The CRC-32 of zlib, byte by byte.
class checksum {
public:
  void add(std::string_view bytes) {
    static const auto table = [] {
      std::array<std::uint32_t, 256> made{};
      for (std::uint32_t n = 0; n < 256; ++n) {
        made[n] = n;
        for (int bit = 0; bit < 8; ++bit)
          made[n] = made[n] & 1 ? 0xEDB88320U ^ made[n] >> 1 : made[n] >> 1;
      }
      return made;
    }();
    for (const char byte : bytes)
      state_ = table[(state_ ^ static_cast<unsigned char>(byte)) & 0xFF] ^ state_ >> 8;
  }
  void add_number(std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) {
      const char byte = static_cast<char>(number >> shift & 0xFF);
      add({&byte, 1});
    }
  }
  std::uint32_t value() const { return ~state_; }

private:
  std::uint32_t state_ = ~0U;
};

/// splitmix64, as in make_goldens.py.
class random_numbers {
public:
  explicit random_numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % bound;
  }

private:
  std::uint64_t state_;
};

struct golden_case {
  std::string first;
  std::optional<std::string> second;
  encode_options options;
};

class recipe {
public:
  recipe() : json_(json::parse(std::ifstream(goldens / "recipe.json"))) {
    for (const char* key : {"words", "spaces", "picked"})
      json_.at(key).get_to(key == std::string("words") ? words_ : key == std::string("spaces") ? spaces_ : picked_);
    json_.at("pools").get_to(pools_);
  }

  std::size_t cases(const char* of) const { return json_.at(of).get<std::size_t>(); }

  golden_case make(std::size_t number) const {
    random_numbers random(number * 0x2545F4914F6CDD1DU);
    golden_case made;
    made.first = number < picked_.size() ? picked_[number] : make_text(random);
    if (random.below(10) < 3)
      made.second = make_text(random);
    made.options.special_tokens = random.below(10) < 8;
    if (random.below(10) < 4) {
      made.options.cut = static_cast<truncation>(1 + random.below(3));
      made.options.max_tokens = 4 + random.below(60);
    }
    return made;
  }

private:
  std::string make_text(random_numbers& random) const {
    std::string out;
    for (std::uint64_t left = random.below(24); left > 0; --left) {
      const std::uint64_t kind = random.below(100);
      if (kind < 35) {
        out += words_[random.below(words_.size())];
      } else if (kind < 50) {
        out += spaces_[random.below(spaces_.size())];
      } else {
        const auto& pool = pools_[random.below(pools_.size())];
        std::uint64_t length = 1 + random.below(6);
        if (random.below(300) == 0)
          length = 90 + random.below(30);
        if (random.below(4000) == 0)
          length = 3000;
        for (; length > 0; --length) {
          const auto& [first, last] = pool[random.below(pool.size())];
          char bytes[4];
          out.append(bytes, encode_utf8(static_cast<char32_t>(first + random.below(last - first + 1)), bytes));
        }
      }
      if (random.below(2) == 0)
        out += ' ';
    }
    return out;
  }

  json json_;
  std::vector<std::string> words_, spaces_, picked_;
  std::vector<std::vector<std::array<std::uint32_t, 2>>> pools_;
};

std::vector<std::uint32_t> read_sums(const std::string& name) {
  std::ifstream in(goldens / name);
  std::vector<std::uint32_t> sums;
  for (std::string line; std::getline(in, line);)
    sums.push_back(static_cast<std::uint32_t>(std::stoul(line, nullptr, 16)));
  return sums;
}

result<encoding> encode(const tokenizer& with, const golden_case& made) {
  return made.second ? with.encode_pair(made.first, *made.second, made.options)
                     : with.encode(made.first, made.options);
}

std::uint32_t sum_of(const result<encoding>& made) {
  checksum sum;
  if (!made) {
    sum.add("error");
    return sum.value();
  }
  for (const std::int32_t id : made->ids)
    sum.add_number(static_cast<std::uint32_t>(id));
  for (const std::int32_t type : made->types)
    sum.add_number(static_cast<std::uint32_t>(type));
  for (const auto& [begin, end] : made->offsets) {
    sum.add_number(begin);
    sum.add_number(end);
  }
  sum.add_number(made->truncated ? 1 : 0);
  return sum.value();
}

void expect_goldens(const tokenizer& with, const recipe& texts, const std::string& name, std::size_t count) {
  const std::vector<std::uint32_t> sums = read_sums(name + ".crc");
  ASSERT_EQ(sums.size(), count);
  std::size_t different = 0, first_different = 0;
  for (std::size_t number = 0; number < count; ++number) {
    golden_case made = texts.make(number);
    const auto encoded = encode(with, made);
    if (sum_of(encoded) != sums[number] && different++ == 0)
      first_different = number;
    made.options.offsets = false;
    const auto ids_only = encode(with, made);
    ASSERT_EQ(ids_only.ok(), encoded.ok()) << name << " case " << number;
    if (encoded) {
      ASSERT_EQ(ids_only->ids, encoded->ids) << name << " case " << number << " without offsets";
      ASSERT_TRUE(ids_only->offsets.empty());
    }
  }
  EXPECT_EQ(different, 0U) << name << ": the first of them is case " << first_different;
}

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
  std::vector<pre_tokenizer::word> words, cutting;
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
        each.apply(text, work);
        for (const auto& character : text.characters)
          sum.add({bytes, encode_utf8(character.cp, bytes)});
        sum.add("\n");
      }
      text.assign(around, 0);
      for (const pre_tokenizer& each : cut) {
        words.assign(1, {0, text.characters.size()});
        each.apply(text, words, cutting);
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

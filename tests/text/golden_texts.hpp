// The texts of goldens/recipe.json and the checksums of what the reference made of them; goldens/make_goldens.py says
// how.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/text/tokenizer.hpp"
#include "models/text/utf8.hpp"
#include "tests/support/golden_numbers.hpp"

namespace chalkstream::text {

using json = nlohmann::ordered_json;

inline const std::filesystem::path goldens = "tests/text/goldens";

using test::checksum;
using test::random_numbers;

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

  /// Words of letters and digits, and some of `special`, with spaces between.
  std::string plain(const std::vector<std::string>& special, random_numbers& random) const {
    const auto is_plain = [](const std::string& word) {
      return word != "York" && std::all_of(word.begin(), word.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
             });
    };
    std::vector<std::string> words;
    std::copy_if(words_.begin(), words_.end(), std::back_inserter(words), is_plain);
    std::string out;
    for (std::uint64_t left = 1 + random.below(14); left > 0; --left) {
      const bool is_special = !special.empty() && random.below(12) == 0;
      const std::vector<std::string>& from = is_special ? special : words;
      out += (out.empty() ? "" : " ") + from[random.below(from.size())];
    }
    return out;
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

inline std::vector<std::uint32_t> read_sums(const std::string& name) {
  std::ifstream in(goldens / name);
  std::vector<std::uint32_t> sums;
  for (std::string line; std::getline(in, line);)
    sums.push_back(static_cast<std::uint32_t>(std::stoul(line, nullptr, 16)));
  return sums;
}

inline result<encoding> encode(const tokenizer& with, const golden_case& made) {
  return made.second ? with.encode_pair(made.first, *made.second, made.options)
                     : with.encode(made.first, made.options);
}

inline std::uint32_t sum_of(const result<encoding>& made) {
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

inline void expect_goldens(const tokenizer& with, const recipe& texts, const std::string& name, std::size_t count) {
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

} // namespace chalkstream::text

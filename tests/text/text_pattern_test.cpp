#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/match_split.hpp"
#include "models/text/text_pattern.hpp"
#include "tests/text/characters.hpp"

namespace chalkstream::text {
namespace {

using behavior = pre_tokenizer_step::behavior;
using spans = std::vector<std::pair<std::size_t, std::size_t>>;

spans pairs(const std::vector<text_span>& of) {
  spans made;
  for (const text_span& each : of)
    made.emplace_back(each.begin, each.end);
  return made;
}

template <class Pattern>
spans matches(const Pattern& pattern, std::u32string_view text) {
  std::vector<text_span> found;
  EXPECT_TRUE(pattern.find_all(characters(text), found));
  return pairs(found);
}

TEST(text_pattern_test, matches_by_hand_what_the_regular_expression_matches) {
  const std::string head = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)";
  const std::string tail = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  const std::u32string alphabet = U"asStTrReEvVmMlLdD'''\u017F12\u00b2\u0660  \r\n\t\u3000\u00a0.,\u20ac\u0301\u4e2d"
                                  U"\U0001F600\U00010D50\U0001CCF0\U0001E5F0\u1c89";
  std::mt19937 random(11);
  for (const std::string& pattern :
       {std::string(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"),
        head + R"(\p{N}{1,3})" + tail, head + R"(\p{N})" + tail, std::string(" {2,}")}) {
    const auto by_hand = text_pattern::expression(pattern);
    const auto by_rule = regex::compile(pattern);
    ASSERT_TRUE(by_hand && by_rule);
    for (int round = 0; round < 4000; ++round) {
      std::u32string text(random() % 12, U' ');
      for (char32_t& cp : text)
        cp = alphabet[random() % alphabet.size()];
      ASSERT_EQ(matches(*by_hand, text), matches(*by_rule, text)) << pattern << ", round " << round;
    }
  }
}

TEST(text_pattern_test, finds_strings_from_left_to_right) {
  const auto pattern = text_pattern::string("aa");
  ASSERT_TRUE(pattern);
  EXPECT_EQ(matches(*pattern, U"aaaXaa"), (spans{{0, 2}, {4, 6}}));
  EXPECT_EQ(matches(*pattern, U""), spans{});
}

TEST(text_pattern_test, reads_lines_and_digits_as_the_reference_does) {
  const auto line = text_pattern::expression("^a");
  ASSERT_TRUE(line);
  EXPECT_EQ(matches(*line, U"a\na\ra"), (spans{{0, 1}, {2, 3}}));
  const auto digits = text_pattern::expression("\\d+");
  ASSERT_TRUE(digits);
  EXPECT_EQ(matches(*digits, U"1\U00010D40\u00b2"), (spans{{0, 2}}));
  const auto empty = text_pattern::expression("x*");
  ASSERT_TRUE(empty);
  EXPECT_EQ(matches(*empty, U"axb"), (spans{{0, 0}, {1, 2}, {3, 3}}));
}

TEST(text_pattern_test, comes_to_the_end_of_long_texts_and_long_words) {
  const auto pattern =
      text_pattern::expression(R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
                               R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+|\s+(?!\S)|\s+)");
  ASSERT_TRUE(pattern);
  constexpr std::size_t size = 300000;
  for (const char32_t letter : {U'a', U'A', U'\u4e2d', U' '})
    EXPECT_EQ(matches(*pattern, std::u32string(size, letter)), (spans{{0, size}}));
  std::u32string words(size, U'a');
  for (std::size_t k = 2; k < size; k += 3)
    words[k] = U' ';
  EXPECT_EQ(matches(*pattern, words).size(), size / 3 + 1);
}

TEST(text_pattern_test, says_what_becomes_of_matches) {
  const std::vector<text_span> found = {{1, 2}, {2, 3}, {4, 5}};
  const auto cut = [&](behavior how, bool invert) {
    std::vector<text_span> out;
    cut_at_matches({10, 16}, found, how, invert, out);
    return pairs(out);
  };
  EXPECT_EQ(cut(behavior::removed, false), (spans{{10, 11}, {13, 14}, {15, 16}}));
  EXPECT_EQ(cut(behavior::removed, true), (spans{{11, 12}, {12, 13}, {14, 15}}));
  EXPECT_EQ(cut(behavior::isolated, false), (spans{{10, 11}, {11, 12}, {12, 13}, {13, 14}, {14, 15}, {15, 16}}));
  EXPECT_EQ(cut(behavior::contiguous, false), (spans{{10, 11}, {11, 13}, {13, 14}, {14, 15}, {15, 16}}));
  EXPECT_EQ(cut(behavior::merged_with_previous, false), (spans{{10, 12}, {12, 13}, {13, 15}, {15, 16}}));
  EXPECT_EQ(cut(behavior::merged_with_next, false), (spans{{10, 11}, {11, 12}, {12, 14}, {14, 16}}));
}

} // namespace
} // namespace chalkstream::text

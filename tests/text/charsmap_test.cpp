#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/charsmap.hpp"
#include "tests/text/characters.hpp"

namespace chalkstream::text {
namespace {

void put(std::string& bytes, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<char>(number >> shift & 0xFF));
}

/// 'a' becomes "xy": the root is at 0 with its children at 512 XOR byte, the leaf of 'a' lies at 256.
std::string one_rule() {
  std::vector<std::uint32_t> units(640);
  units[0] = 512U << 10;
  units[512 ^ 'a'] = 'a' | 0x100U | ((512U ^ 'a') ^ 256U) << 10;
  units[256] = 1U << 31;
  std::string bytes;
  put(bytes, static_cast<std::uint32_t>(4 * units.size()));
  for (const std::uint32_t unit : units)
    put(bytes, unit);
  return bytes + std::string("xy\0", 3);
}

TEST(charsmap_test, finds_the_replacement_of_the_shortest_beginning) {
  const auto map = charsmap::parse(one_rule());
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->find(characters(U"a")), "xy");
  EXPECT_EQ(map->find(characters(U"ab")), "xy");
  EXPECT_EQ(map->find(characters(U"b")), std::nullopt);
  EXPECT_EQ(map->find(characters(U"")), std::nullopt);
  EXPECT_EQ(map->find(characters(std::u32string_view(U"\0a", 2))), std::nullopt);
}

TEST(charsmap_test, refuses_bytes_that_are_shorter_than_they_say_or_not_text) {
  const std::string whole = one_rule();
  for (std::size_t size = 0; size + 3 < whole.size(); size += 13)
    EXPECT_FALSE(charsmap::parse(whole.substr(0, size))) << size;
  EXPECT_EQ(charsmap::parse(whole + "\xff").error().code, errc::corrupt);
  for (const char* wrong : {"", "AAAA", "A", "AA=A", "****", "AB==", "===="})
    EXPECT_EQ(charsmap::parse_base64(wrong).error().code, errc::corrupt) << wrong;
}

TEST(charsmap_test, stays_inside_its_bytes_whatever_they_say) {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = one_rule();
    for (int k = 0; k < 40; ++k)
      bytes[4 + random() % (bytes.size() - 7)] = static_cast<char>(random());
    if (const auto map = charsmap::parse(bytes))
      for (const std::u32string_view text : {U"a", U"ab", U"\u00e9", U"\u4e2d\u6587", U"\U0001F600"})
        if (const auto found = map->find(characters(text))) {
          EXPECT_LE(found->size(), bytes.size());
        }
  }
}

} // namespace
} // namespace chalkstream::text

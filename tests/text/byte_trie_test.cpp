#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/byte_trie.hpp"

namespace chalkstream::text {
namespace {

byte_trie built(const std::map<std::string, std::int32_t>& keys) {
  std::vector<byte_trie::entry> entries;
  for (const auto& [key, value] : keys)
    entries.push_back({key, value});
  auto made = byte_trie::build(std::move(entries));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value();
}

TEST(byte_trie_test, finds_the_same_longest_key_as_a_map_for_random_keys_of_all_bytes) {
  std::mt19937 random(7);
  for (const unsigned letters : {2U, 5U, 256U}) {
    const auto bytes = [&](std::size_t longest) {
      std::string made(1 + random() % longest, '\0');
      for (char& byte : made)
        byte = static_cast<char>(random() % letters);
      return made;
    };
    std::map<std::string, std::int32_t> keys;
    for (std::int32_t n = 0; n < 20000; ++n)
      keys.emplace(bytes(6), n);
    const byte_trie trie = built(keys);
    for (int n = 0; n < 20000; ++n) {
      const std::string text = bytes(9);
      byte_trie::match wanted;
      for (std::size_t size = 1; size <= text.size(); ++size)
        if (const auto at = keys.find(text.substr(0, size)); at != keys.end())
          wanted = {at->second, size};
      const auto found = trie.longest(byte_trie::root, text);
      ASSERT_EQ(found.value, wanted.value);
      ASSERT_EQ(found.size, wanted.size);
    }
  }
}

TEST(byte_trie_test, finds_nothing_when_it_is_empty) {
  EXPECT_TRUE(byte_trie().empty());
  EXPECT_TRUE(built({}).empty());
  EXPECT_EQ(built({}).longest(byte_trie::root, "abc").value, -1);
  EXPECT_FALSE(built({{"a", 0}}).empty());
}

TEST(byte_trie_test, refuses_keys_that_are_empty_repeated_or_too_long) {
  const std::string long_key(byte_trie::max_key_bytes + 1, 'x');
  EXPECT_EQ(byte_trie::build({{"", 0}}).error().code, errc::corrupt);
  EXPECT_EQ(byte_trie::build({{"a", 0}, {"b", 1}, {"a", 2}}).error().code, errc::corrupt);
  EXPECT_EQ(byte_trie::build({{long_key, 0}}).error().code, errc::unsupported);
}

} // namespace
} // namespace chalkstream::text

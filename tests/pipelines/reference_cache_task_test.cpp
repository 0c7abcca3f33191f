#include "pipelines/reference_cache.hpp"

#include <gtest/gtest.h>

namespace chalkstream::pipelines {
namespace {

auto entry(std::string text) {
  return std::make_shared<const education::reference_answer>(education::make_reference(std::move(text), {1}));
}

TEST(reference_cache_test, finds_what_it_kept) {
  reference_cache cache{64};
  EXPECT_FALSE(cache.find("a"));
  const auto kept = entry("a");
  cache.keep(kept);
  cache.keep(entry("a"));
  EXPECT_EQ(cache.find("a"), kept);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(reference_cache_test, stays_within_its_bound_and_keeps_what_is_used) {
  reference_cache cache{64};
  cache.keep(entry("often"));
  for (int i = 0; i < 5000; ++i) {
    cache.keep(entry("text " + std::to_string(i)));
    ASSERT_TRUE(cache.find("often")) << i;
  }
  EXPECT_LE(cache.size(), 64u);
  EXPECT_FALSE(cache.find("text 0"));
}

TEST(reference_cache_test, does_not_keep_books) {
  reference_cache cache{64};
  cache.keep(entry(std::string(10'000, 'x')));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(reference_cache_test, lets_an_entry_live_on_with_whoever_holds_it) {
  reference_cache cache{16};
  cache.keep(entry("held"));
  const auto held = cache.find("held");
  for (int i = 0; i < 1000; ++i)
    cache.keep(entry(std::to_string(i)));
  EXPECT_EQ(held->text, "held");
}

} // namespace
} // namespace chalkstream::pipelines

#include "core/key_order.hpp"

#include "tests/support/seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class key_order_test : public ::testing::Test {
protected:
  std::vector<std::int64_t> finish(std::uint64_t key, std::int64_t offset) {
    std::vector<std::int64_t> released;
    order_.finish(key, offset, "value " + std::to_string(offset), [&](std::int64_t at, std::string value) {
      EXPECT_EQ(value, "value " + std::to_string(at));
      released.push_back(at);
    });
    return released;
  }

  key_order<std::string> order_;
};

TEST_F(key_order_test, a_lone_record_leaves_at_once) {
  order_.begin(7, 0);
  EXPECT_THAT(finish(7, 0), ElementsAre(0));
  EXPECT_TRUE(order_.empty());
}

TEST_F(key_order_test, a_record_waits_for_the_older_ones_of_its_key) {
  for (const auto offset : {0, 1, 2, 3})
    order_.begin(7, offset);
  EXPECT_THAT(finish(7, 2), IsEmpty());
  EXPECT_THAT(finish(7, 1), IsEmpty());
  EXPECT_THAT(finish(7, 0), ElementsAre(0, 1, 2));
  EXPECT_FALSE(order_.empty());
  EXPECT_THAT(finish(7, 3), ElementsAre(3));
  EXPECT_TRUE(order_.empty());
}

TEST_F(key_order_test, nothing_waits_for_another_key) {
  order_.begin(1, 0);
  order_.begin(2, 1);
  EXPECT_THAT(finish(2, 1), ElementsAre(1));
  EXPECT_THAT(finish(1, 0), ElementsAre(0));
}

TEST_F(key_order_test, a_key_can_come_back) {
  order_.begin(1, 0);
  EXPECT_THAT(finish(1, 0), ElementsAre(0));
  order_.begin(1, 5);
  EXPECT_THAT(finish(1, 5), ElementsAre(5));
}

TEST_F(key_order_test, finishing_twice_or_unbegun_stops_the_process) {
  order_.begin(1, 0);
  order_.begin(1, 1);
  finish(1, 1);
  EXPECT_DEATH(finish(1, 1), "finished twice or was never begun");
  EXPECT_DEATH(finish(1, 9), "finished twice or was never begun");
  EXPECT_DEATH(finish(2, 0), "a key finished that was never begun");
}

TEST_F(key_order_test, values_need_not_be_copyable) {
  key_order<std::unique_ptr<int>> order;
  order.begin(1, 0);
  int seen = 0;
  order.finish(1, 0, std::make_unique<int>(4), [&](std::int64_t, std::unique_ptr<int> value) { seen = *value; });
  EXPECT_EQ(seen, 4);
}

TEST_F(key_order_test, any_completion_order_releases_each_record_once_and_each_key_in_order) {
  test::for_seeds(1500, [](test::random_engine& random) {
    key_order<std::int64_t> order;
    const auto keys = test::any_of(random, 1, 8);
    const auto records = test::any_of(random, 1, 120);
    std::vector<std::pair<std::uint64_t, std::int64_t>> open;
    std::map<std::uint64_t, std::int64_t> last;
    std::map<std::uint64_t, std::vector<std::int64_t>> oldest_first;
    std::int64_t released = 0;
    for (std::int64_t next = 0; next < records || !open.empty();) {
      if (next < records && (open.empty() || test::one_in(random, 2))) {
        const auto key = static_cast<std::uint64_t>(test::any_of(random, 1, keys));
        order.begin(key, next);
        open.emplace_back(key, next++);
        continue;
      }
      const auto at = static_cast<std::size_t>(test::any_of(random, 0, static_cast<std::int64_t>(open.size()) - 1));
      const auto [key, offset] = open[at];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
      std::int64_t released_now = 0;
      order.finish(key, offset, offset * 3, [&, key = key](std::int64_t o, std::int64_t value) {
        ASSERT_EQ(value, o * 3);
        ASSERT_TRUE(!last.contains(key) || last[key] < o) << "key " << key;
        last[key] = o;
        ++released_now;
      });
      released += released_now;
      bool older_is_open = false;
      for (const auto& [k, o] : open)
        older_is_open = older_is_open || (k == key && o < offset);
      ASSERT_EQ(released_now == 0, older_is_open) << "held back exactly while an older one of its key is open";
    }
    ASSERT_EQ(released, records);
    ASSERT_TRUE(order.empty());
  });
}

TEST(key_hash_test, it_is_stable_because_it_is_the_published_function) {
  EXPECT_EQ(key_hash(""), 14695981039346656037ULL); // FNV-1a, 64 bit: its test vectors
  EXPECT_EQ(key_hash("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(key_hash("foobar"), 0x85944171f73967e8ULL);
}

} // namespace
} // namespace chalkstream

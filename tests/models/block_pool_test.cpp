#include "models/generation/block_pool.hpp"

#include <gtest/gtest.h>

#include <new>
#include <set>

namespace chalkstream::models {
namespace {

TEST(block_pool_test, gives_each_block_once_until_it_is_given_back) {
  block_pool pool(3);
  std::set<std::uint32_t> taken{pool.take(), pool.take(), pool.take()};
  EXPECT_EQ(taken.size(), 3u);
  EXPECT_EQ(pool.taken(), 3u);
  EXPECT_THROW(pool.take(), std::bad_alloc);
  pool.give_back(1);
  EXPECT_EQ(pool.taken(), 2u);
  EXPECT_EQ(pool.take(), 1u);
}

TEST(block_pool_test, a_shared_block_stays_taken_until_its_last_owner_is_gone) {
  block_pool pool(1);
  const auto block = pool.take();
  EXPECT_TRUE(pool.exclusive(block));
  pool.share(block);
  EXPECT_FALSE(pool.exclusive(block));
  pool.give_back(block);
  EXPECT_TRUE(pool.exclusive(block));
  EXPECT_THROW(pool.take(), std::bad_alloc);
  pool.give_back(block);
  EXPECT_EQ(pool.take(), block);
}

TEST(block_pool_test, promises_no_more_than_it_has) {
  block_pool pool(10);
  EXPECT_TRUE(pool.reserve(6));
  EXPECT_FALSE(pool.reserve(5));
  EXPECT_TRUE(pool.reserve(4));
  EXPECT_FALSE(pool.reserve(1));
  pool.release(6);
  EXPECT_EQ(pool.reserved(), 4u);
  EXPECT_FALSE(pool.reserve(7));
  EXPECT_TRUE(pool.reserve(6));
  EXPECT_FALSE(pool.reserve(std::size_t(-1)));
}

} // namespace
} // namespace chalkstream::models

// Which examples make a step, and how fast it goes.
#include "pipelines/tools/training/step_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace chalkstream::pipelines::tools {
namespace {

std::vector<std::size_t> some_costs(std::size_t count) {
  std::vector<std::size_t> costs;
  for (std::size_t i = 0; i < count; ++i)
    costs.push_back(1 + i * 7919 % 200);
  return costs;
}

TEST(step_plan_test, an_epoch_has_every_example_once) {
  const auto costs = some_costs(1003);
  std::set<std::uint32_t> seen;
  std::size_t examples = 0;
  for (const auto& batch : epoch_batches(costs, {.rows = 16}, 1, 0)) {
    EXPECT_LE(batch.size(), 16U);
    examples += batch.size();
    seen.insert(batch.begin(), batch.end());
  }
  EXPECT_EQ(examples, 1003U);
  EXPECT_EQ(seen.size(), 1003U);
}

TEST(step_plan_test, a_batch_has_examples_of_similar_cost) {
  const auto costs = some_costs(1600);
  std::size_t spread = 0;
  const auto batches = epoch_batches(costs, {.rows = 16}, 1, 0);
  for (const auto& batch : batches) {
    const auto cost = [&](std::uint32_t i) { return costs[i]; };
    const auto [low, high] =
        std::minmax_element(batch.begin(), batch.end(), [&](auto a, auto b) { return cost(a) < cost(b); });
    spread += costs[*high] - costs[*low];
  }
  EXPECT_LT(spread / batches.size(), 10U); // of 200; at random about 180
}

TEST(step_plan_test, the_order_follows_from_seed_and_epoch) {
  const auto costs = some_costs(500);
  EXPECT_EQ(epoch_batches(costs, {.rows = 8}, 3, 2), epoch_batches(costs, {.rows = 8}, 3, 2));
  EXPECT_NE(epoch_batches(costs, {.rows = 8}, 3, 2), epoch_batches(costs, {.rows = 8}, 3, 1));
  EXPECT_NE(epoch_batches(costs, {.rows = 8}, 3, 2), epoch_batches(costs, {.rows = 8}, 4, 2));
  EXPECT_NE(seed_of(1, 2, 3), seed_of(1, 3, 2));
}

TEST(step_plan_test, the_rate_rises_over_the_warm_up_and_falls_to_nothing) {
  EXPECT_DOUBLE_EQ(linear_schedule(0, 100, 10), 0.1);
  EXPECT_DOUBLE_EQ(linear_schedule(9, 100, 10), 1);
  EXPECT_DOUBLE_EQ(linear_schedule(10, 100, 10), 1);
  EXPECT_DOUBLE_EQ(linear_schedule(55, 100, 10), 0.5);
  EXPECT_DOUBLE_EQ(linear_schedule(100, 100, 10), 0);
  EXPECT_DOUBLE_EQ(linear_schedule(0, 100, 0), 1);
}

TEST(step_plan_test, accumulated_batches_share_a_step) {
  EXPECT_EQ(steps_of(some_costs(100), {.rows = 10}, 1), 10U);
  EXPECT_EQ(steps_of(some_costs(101), {.rows = 10}, 1), 11U);
  EXPECT_EQ(steps_of(some_costs(101), {.rows = 10}, 4), 3U);
  EXPECT_EQ(steps_of({}, {.rows = 10}, 4), 0U);
  EXPECT_EQ(steps_of({}, {.tokens = 10}, 4), 0U);
}

TEST(step_plan_test, batches_by_tokens_are_full_and_as_many_in_every_epoch) {
  const auto costs = some_costs(2000);
  const batch_size size{.tokens = 1000};
  const auto all = std::accumulate(costs.begin(), costs.end(), std::size_t{0});
  const auto steps = steps_of(costs, size, 1);
  EXPECT_LT(steps, all / 1000 * 11 / 10);
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    std::set<std::uint32_t> seen;
    const auto batches = epoch_batches(costs, size, 5, epoch);
    EXPECT_EQ(batches.size(), steps);
    for (const auto& batch : batches) {
      std::size_t tokens = 0;
      for (const auto place : batch)
        tokens += costs[place];
      EXPECT_LE(tokens, 1000U);
      seen.insert(batch.begin(), batch.end());
    }
    EXPECT_EQ(seen.size(), 2000U);
  }
  EXPECT_NE(epoch_batches(costs, size, 5, 0), epoch_batches(costs, size, 5, 1));
  const std::vector<std::size_t> long_ones(3, 5000);
  EXPECT_EQ(epoch_batches(long_ones, size, 5, 0).size(), 3U); // one at least
}

} // namespace
} // namespace chalkstream::pipelines::tools

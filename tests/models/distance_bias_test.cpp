#include "models/encoders/distance_bias.hpp"

#include <gtest/gtest.h>

namespace chalkstream::models {
namespace {

TEST(distance_bias_test, near_distances_have_buckets_of_their_own_and_far_ones_share) {
  // As MPNet's own code gives them for 32 buckets and 128.
  for (const auto& [distance, bucket] : std::vector<std::pair<int, std::size_t>>{{0, 0},
                                                                                 {-1, 1},
                                                                                 {-7, 7},
                                                                                 {-8, 8},
                                                                                 {-11, 8},
                                                                                 {-12, 9},
                                                                                 {-16, 10},
                                                                                 {-32, 12},
                                                                                 {-63, 13},
                                                                                 {-64, 14},
                                                                                 {-127, 15},
                                                                                 {-128, 15},
                                                                                 {-5000, 15},
                                                                                 {1, 17},
                                                                                 {7, 23},
                                                                                 {8, 24},
                                                                                 {64, 30},
                                                                                 {128, 31},
                                                                                 {5000, 31}})
    EXPECT_EQ(distance_bucket(distance, 32, 128), bucket) << distance;
}

TEST(distance_bias_test, is_laid_out_by_head_with_distance_zero_in_the_middle) {
  std::vector<float> numbers(8 * 2);
  for (std::size_t bucket = 0; bucket < 8; ++bucket)
    for (std::size_t head = 0; head < 2; ++head)
      numbers[bucket * 2 + head] = static_cast<float>(10 * bucket + head);
  const tensor_view table{"t", element_type::f32, {8, 2}, std::as_bytes(std::span(numbers))};
  const auto laid_out = bias_by_distance({&table, 128}, 2, 3).value();
  EXPECT_EQ(laid_out, (std::vector<float>{20, 10, 0, 50, 60, 21, 11, 1, 51, 61}));
}

TEST(distance_bias_test, all_buckets_may_be_for_keys_before_the_query) {
  std::vector<float> numbers(8);
  for (std::size_t bucket = 0; bucket < 8; ++bucket)
    numbers[bucket] = static_cast<float>(bucket);
  const tensor_view table{"t", element_type::f32, {8, 1}, std::as_bytes(std::span(numbers))};
  distance_bias bias{&table, 20};
  bias.before_only = true;
  const auto laid_out = bias_by_distance(bias, 1, 30).value();
  // As T5's own function has it for 8 buckets up to a distance of 20, from 0 on.
  const std::vector<float> expected{0, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7};
  for (std::size_t distance = 0; distance < expected.size(); ++distance)
    EXPECT_EQ(laid_out[29 - distance], expected[distance]) << distance;
  EXPECT_EQ(laid_out[30], 0);
}

} // namespace
} // namespace chalkstream::models

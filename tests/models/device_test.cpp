#include "models/device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::models {
namespace {

TEST(device_test, reads_the_names_people_write) {
  EXPECT_EQ(parse_device("cpu").value(), (device{device_kind::cpu, 0}));
  EXPECT_EQ(parse_device("cuda").value(), (device{device_kind::cuda, 0}));
  EXPECT_EQ(parse_device("cuda:3").value(), (device{device_kind::cuda, 3}));
  EXPECT_EQ(to_string(device{device_kind::cuda, 3}), "cuda:3");
  EXPECT_EQ(to_string(device{}), "cpu");
}

TEST(device_test, refuses_other_names_and_says_what_they_may_be) {
  for (const char* name : {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1 ", "cuda:999999999999", "cpu:0"})
    EXPECT_THAT(parse_device(name).error().message, ::testing::HasSubstr("'cpu', 'cuda' or 'cuda:<number>'")) << name;
}

TEST(device_test, a_cpu_is_always_there_and_a_missing_gpu_is_explained) {
  EXPECT_TRUE(prepare_device({device_kind::cpu, 0}));
  const auto last = prepare_device({device_kind::cuda, 127});
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, errc::unavailable);
  EXPECT_THAT(last.error().message, ::testing::AnyOf(::testing::HasSubstr("driver"), ::testing::HasSubstr("library"),
                                                     ::testing::HasSubstr("no GPU 127")));
}

} // namespace
} // namespace chalkstream::models

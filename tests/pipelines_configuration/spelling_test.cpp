#include "pipelines/configuration/spelling.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace chalkstream::pipelines {
namespace {

constexpr std::array<std::string_view, 4> words{"brokers", "group", "commit_interval", "to"};

TEST(spelling_test, the_nearest_word_is_the_one_a_slip_away) {
  EXPECT_EQ(nearest("borkers", words), "brokers");
  EXPECT_EQ(nearest("broker", words), "brokers");
  EXPECT_EQ(nearest("Group", words), "group");
  EXPECT_EQ(nearest("commit-interval", words), "commit_interval");
  EXPECT_EQ(nearest("frobnicate", words), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'a'), words), std::nullopt);
}

TEST(spelling_test, a_message_ends_with_the_nearest_word_or_as_it_was) {
  EXPECT_EQ(did_you_mean("borkers", words), "; did you mean 'brokers'?");
  EXPECT_EQ(did_you_mean("frobnicate", words), "");
}

} // namespace
} // namespace chalkstream::pipelines

#include "core/commit_policy.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

class commit_policy_test : public ::testing::Test {
protected:
  /// A commit that takes `cost` and ends now.
  void commit(duration cost) {
    const auto started = clock_.now();
    clock_.advance(cost);
    policy_.on_commit(started, clock_.now());
  }

  bool due(std::size_t staged, std::size_t others) const { return policy_.due(clock_.now(), staged, others); }

  test::manual_clock clock_;
  commit_policy policy_{{.interval = 100ms, .max_records = 4096, .cost_factor = 5}};
};

TEST_F(commit_policy_test, nothing_is_due_while_nothing_waits) {
  EXPECT_FALSE(due(0, 0));
  clock_.advance(1h);
  EXPECT_FALSE(due(0, 10));
}

TEST_F(commit_policy_test, a_window_closes_at_once_when_nothing_else_is_in_flight) {
  commit(10ms);
  EXPECT_FALSE(due(1, 1));
  EXPECT_TRUE(due(1, 0));
}

TEST_F(commit_policy_test, the_first_result_after_a_quiet_time_does_not_wait) {
  commit(10ms);
  clock_.advance(1min);
  EXPECT_TRUE(due(1, 500));
}

TEST_F(commit_policy_test, a_window_stays_open_for_five_times_what_a_commit_costs) {
  commit(10ms);
  clock_.advance(49ms);
  EXPECT_FALSE(due(1, 500));
  clock_.advance(1ms);
  EXPECT_TRUE(due(1, 500));
}

TEST_F(commit_policy_test, a_window_stays_open_for_one_commit_only_when_little_else_is_in_flight) {
  commit(10ms);
  clock_.advance(9ms);
  EXPECT_FALSE(due(1, 2));
  clock_.advance(1ms);
  EXPECT_TRUE(due(1, 2));
  EXPECT_FALSE(due(1, 500));
}

TEST_F(commit_policy_test, a_window_stays_open_longer_the_more_is_in_flight) {
  commit(10ms);
  EXPECT_LT(policy_.next_due(6), policy_.next_due(12));
  EXPECT_LT(policy_.next_due(12), policy_.next_due(30));
  EXPECT_EQ(policy_.next_due(30), policy_.next_due(4000));
}

TEST_F(commit_policy_test, slow_commits_do_not_stretch_a_window_past_the_interval) {
  commit(3s);
  clock_.advance(99ms);
  EXPECT_FALSE(due(1, 500));
  clock_.advance(1ms);
  EXPECT_TRUE(due(1, 500));
}

TEST_F(commit_policy_test, a_full_window_closes_at_once) {
  commit(10ms);
  EXPECT_FALSE(due(4095, 500));
  EXPECT_TRUE(due(4096, 500));
}

TEST_F(commit_policy_test, it_says_when_to_ask_again) {
  commit(10ms);
  EXPECT_EQ(policy_.next_due(500), clock_.now() + 50ms);
  clock_.advance(50ms);
  EXPECT_TRUE(due(1, 500));
}

TEST_F(commit_policy_test, committing_never_takes_more_than_its_share_of_a_busy_minute) {
  duration spent{};
  const auto started = clock_.now();
  while (clock_.now() - started < 1min) {
    if (due(1, 500)) {
      commit(7ms);
      spent += 7ms;
    } else {
      clock_.advance(1ms);
    }
  }
  EXPECT_LE(spent - 7ms, (clock_.now() - started) / 6) << "the first one found nothing to wait for";
}

} // namespace
} // namespace chalkstream

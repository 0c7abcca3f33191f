#include "core/scaling_controller.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

/// Says what is seen at a moment and asks; keeps the replicas at what was decided, ready at once.
class scaling_controller_test : public testing::Test {
protected:
  scaling_settings s = [] {
    scaling_settings usual;
    usual.least = 1;
    usual.most = 20;
    usual.drain = 10s;
    return usual;
  }();
  time_point now{1h};
  double replicas = 1;
  double rate = 4;
  std::optional<double> partitions;
  std::optional<double> slack;

  scaling_observation see(double arrivals, double pending) const {
    scaling_observation o;
    const auto at = [this](double value) { return observed{value, now}; };
    o.arrival_rate = at(arrivals);
    o.service_rate = at(rate);
    o.pending = at(pending);
    o.replicas = at(replicas);
    if (partitions)
      o.partitions = at(*partitions);
    if (slack)
      o.slack_seconds = at(*slack);
    return o;
  }

  scaling_decision ask(scaling_controller& c, double arrivals, double pending = 0) {
    return ask(c, see(arrivals, pending));
  }
  scaling_decision ask(scaling_controller& c, const scaling_observation& o) {
    const auto d = c.decide(now, o);
    if (d.changed)
      replicas = static_cast<double>(d.replicas);
    now += s.interval;
    return d;
  }
  /// Asks for as long as that; the last answer.
  scaling_decision ask_for(scaling_controller& c, duration time, double arrivals, double pending = 0) {
    scaling_decision d;
    for (const auto end = now + time; now < end;)
      d = ask(c, arrivals, pending);
    return d;
  }
};

TEST_F(scaling_controller_test, what_is_enough_is_left_alone) {
  scaling_controller c(s);
  replicas = 3;
  const auto d = ask(c, 9); // of 12, planned with 9.6
  EXPECT_FALSE(d.changed);
  EXPECT_EQ(d.replicas, 3u);
  EXPECT_EQ(d.reason, scaling_reason::steady);
}

TEST_F(scaling_controller_test, what_comes_is_carried_with_some_to_spare) {
  scaling_controller c(s);
  replicas = 4;
  EXPECT_FALSE(ask_for(c, 1min, 16).changed) << "one rate is noise";
  const auto d = ask(c, 16); // 16 / (4 * 0.8)
  EXPECT_EQ(d.replicas, 5u);
  EXPECT_EQ(d.reason, scaling_reason::arrivals);
}

TEST_F(scaling_controller_test, what_waits_is_worked_off_within_the_objective) {
  scaling_controller c(s);
  // In 5 s, 220 - 20 wait: 200 / (10 * 4) = 5 replicas and what comes needs 1 / 4 of one.
  const auto d = ask(c, 1, 215);
  EXPECT_EQ(d.replicas, 6u);
  EXPECT_EQ(d.reason, scaling_reason::drain);
  EXPECT_NEAR(d.predicted_drain, 200 / 4.0, 1e-9);
}

TEST_F(scaling_controller_test, what_will_have_come_until_new_replicas_work_counts) {
  s.startup = 30s;
  scaling_controller c(s);
  // In 35 s, 35 * (20 - 4) wait: 560 / (10 * 4) = 14, and 5 carry what comes.
  EXPECT_EQ(ask(c, 20).unbounded, 19u);
}

TEST_F(scaling_controller_test, replicas_that_start_are_not_asked_for_again) {
  s.startup = 30s;
  s.step_up = 100;
  s.most = 100;
  scaling_controller c(s);
  const auto first = ask(c, 20);
  double pending = 0;
  for (int i = 0; i < 6; ++i) { // they do not work yet
    pending += 5 * (20 - rate);
    auto o = see(20, pending);
    o.ready = observed{1, now};
    EXPECT_FALSE(ask(c, o).changed) << i;
  }
  EXPECT_EQ(replicas, static_cast<double>(first.replicas));
}

TEST_F(scaling_controller_test, a_surge_is_met_where_it_will_be) {
  s.startup = 30s;
  s.step_up = 100;
  s.most = 100;
  const auto asked = [this](bool grows) {
    scaling_controller c(s);
    replicas = 10;
    ask_for(c, 3min, 10);
    for (int i = 0; i < 14; ++i)
      c.decide(now += 5s, see(grows ? 15 + i * 2.5 : 50, 0));
    return c.decide(now += 5s, see(50, 600)).unbounded;
  };
  EXPECT_GT(asked(true), asked(false));
}

TEST_F(scaling_controller_test, a_drain_time_a_little_over_the_objective_must_last) {
  scaling_controller c(s);
  replicas = 4;
  EXPECT_FALSE(ask_for(c, 30s, 16, 200).changed); // 12.5 s
  EXPECT_TRUE(ask(c, 16, 200).changed);
}

TEST_F(scaling_controller_test, one_over_twice_of_it_is_acted_on_at_once) {
  scaling_controller c(s);
  replicas = 4;
  EXPECT_TRUE(ask(c, 16, 340).changed);
}

TEST_F(scaling_controller_test, what_proved_too_few_is_not_gone_back_to_for_a_while) {
  scaling_controller c(s);
  const auto low = [&] { return ask_for(c, 10min, 5).replicas; };
  replicas = 3;
  ASSERT_EQ(low(), 2u);
  ask_for(c, 4min, 7.6);
  ASSERT_EQ(replicas, 3);
  EXPECT_EQ(low(), 3u);
  ask_for(c, 45min, 5);
  EXPECT_EQ(replicas, 3);
  ask_for(c, 15min, 5);
  EXPECT_EQ(replicas, 2) << "after twelve windows it is tried again";
}

TEST_F(scaling_controller_test, a_burst_is_no_reason_to_regret) {
  scaling_controller c(s);
  replicas = 8;
  ASSERT_EQ(ask_for(c, 10min, 5).replicas, 2u);
  ask(c, 5, 900);
  ASSERT_GE(replicas, 8);
  EXPECT_EQ(ask_for(c, 10min, 5).replicas, 2u);
}

TEST_F(scaling_controller_test, with_time_to_react_nothing_is_kept_to_spare) {
  s.drain = 10min;
  scaling_controller c(s);
  replicas = 4;
  EXPECT_FALSE(ask_for(c, 1h, 15.5).changed) << "97 % of four";
}

TEST_F(scaling_controller_test, none_leaves_while_what_comes_grows) {
  scaling_controller c(s);
  replicas = 12;
  double rate_now = 5;
  for (int i = 0; i < 300; ++i)
    ask(c, rate_now *= 1.004);
  EXPECT_EQ(replicas, 12) << "in the end it is " << rate_now;
}

TEST_F(scaling_controller_test, a_change_is_no_larger_than_the_step) {
  s.step_up = 3;
  scaling_controller c(s);
  auto d = ask(c, 50);
  EXPECT_EQ(d.replicas, 4u);
  EXPECT_EQ(d.limit, scaling_limit::step);
  d = ask(c, 50);
  EXPECT_EQ(d.replicas, 7u);
}

TEST_F(scaling_controller_test, two_changes_are_an_interval_apart) {
  s.step_up = 1;
  scaling_controller c(s);
  EXPECT_TRUE(ask(c, 50, 500).changed);
  now -= 4s;
  const auto d = ask(c, 50, 500);
  EXPECT_FALSE(d.changed);
  EXPECT_EQ(d.reason, scaling_reason::waiting);
}

TEST_F(scaling_controller_test, more_must_be_wanted_for_the_whole_up_window) {
  s.up_window = 15s;
  scaling_controller c(s);
  EXPECT_EQ(ask(c, 2, 500).reason, scaling_reason::stabilising);
  ask(c, 2, 500);
  EXPECT_FALSE(ask(c, 2).changed); // it was a flicker
  EXPECT_FALSE(ask(c, 2, 500).changed);
  EXPECT_FALSE(ask(c, 2, 500).changed);
  EXPECT_FALSE(ask(c, 2, 500).changed);
  EXPECT_TRUE(ask(c, 2, 500).changed);
}

TEST_F(scaling_controller_test, fewer_must_be_enough_for_the_whole_down_window) {
  scaling_controller c(s);
  replicas = 6;
  auto d = ask_for(c, 5min, 4);
  EXPECT_EQ(replicas, 6);
  EXPECT_EQ(d.reason, scaling_reason::stabilising);
  d = ask(c, 4);
  EXPECT_EQ(d.replicas, 5u);
  EXPECT_EQ(d.reason, scaling_reason::surplus);
  EXPECT_EQ(d.limit, scaling_limit::step);
  ask_for(c, 1min, 4);
  EXPECT_EQ(replicas, 2) << "4 / (4 * 0.8 * 0.8), whole";
}

TEST_F(scaling_controller_test, a_replica_that_was_just_added_stays_for_the_down_window) {
  scaling_controller c(s);
  replicas = 3;
  ask_for(c, 10min, 6);
  ask(c, 6, 400);
  ASSERT_GT(replicas, 3);
  const auto grown = replicas;
  ask_for(c, 4min + 55s, 1);
  EXPECT_EQ(replicas, grown);
  ask_for(c, 30s, 1);
  EXPECT_LT(replicas, grown);
}

TEST_F(scaling_controller_test, between_the_two_lines_nothing_changes) {
  scaling_controller c(s);
  replicas = 5;
  for (int i = 0; i < 1000; ++i)
    ask(c, i % 2 == 0 ? 15.9 : 13);
  EXPECT_EQ(replicas, 5);
}

TEST_F(scaling_controller_test, bounds_hold) {
  s.least = 2;
  s.most = 4;
  scaling_controller c(s);
  replicas = 3;
  auto d = ask(c, 400);
  EXPECT_EQ(d.replicas, 4u);
  EXPECT_EQ(d.limit, scaling_limit::most);
  d = ask(c, 400);
  EXPECT_FALSE(d.changed);
  EXPECT_EQ(d.reason, scaling_reason::drain);
  EXPECT_EQ(d.limit, scaling_limit::most);
  ask_for(c, 20min, 0);
  EXPECT_EQ(replicas, 2);
  EXPECT_EQ(ask(c, 0).limit, scaling_limit::least);
}

TEST_F(scaling_controller_test, what_is_outside_of_the_bounds_comes_inside_at_once) {
  s.least = 2;
  s.most = 4;
  scaling_controller c(s);
  replicas = 9;
  auto d = ask(c, 4);
  EXPECT_EQ(d.replicas, 4u);
  EXPECT_EQ(d.reason, scaling_reason::bounds);
  replicas = 0;
  EXPECT_EQ(ask(c, 4).replicas, 2u);
}

TEST_F(scaling_controller_test, partitions_are_the_limit_and_it_says_so) {
  scaling_controller c(s);
  partitions = 6;
  replicas = 4;
  auto d = ask(c, 70, 400);
  EXPECT_EQ(d.replicas, 6u);
  EXPECT_EQ(d.limit, scaling_limit::partitions);
  EXPECT_GE(d.unbounded, 18u);
  d = ask(c, 70, 400);
  EXPECT_FALSE(d.changed);
  EXPECT_EQ(d.limit, scaling_limit::partitions);
}

TEST_F(scaling_controller_test, fewer_partitions_than_replicas_take_none_away) {
  scaling_controller c(s);
  partitions = 1; // a query that went wrong must not end a service
  replicas = 6;
  EXPECT_FALSE(ask_for(c, 20min, 22).changed);
  EXPECT_EQ(replicas, 6);
}

TEST_F(scaling_controller_test, the_budget_is_a_bound) {
  s.replica_cost = 0.3;
  s.budget = 1;
  scaling_controller c(s);
  const auto d = ask(c, 70);
  EXPECT_EQ(d.replicas, 3u);
  EXPECT_EQ(d.limit, scaling_limit::budget);
}

TEST_F(scaling_controller_test, deadlines_at_risk_tighten_the_objective) {
  s.slack = 20s;
  scaling_controller c(s);
  replicas = 12;
  slack = 30;
  const auto calm = ask(c, 8, 500);
  EXPECT_FALSE(calm.changed);
  slack = 12;
  const auto d = ask(c, 8, 500);
  EXPECT_TRUE(d.changed);
  EXPECT_EQ(d.reason, scaling_reason::slack);
}

TEST_F(scaling_controller_test, what_came_late_is_late_with_any_number_of_replicas) {
  s.slack = 20s;
  scaling_controller c(s);
  slack = -3600; // an old topic is read again
  EXPECT_FALSE(ask_for(c, 20min, 2).changed);
  EXPECT_EQ(replicas, 1);
}

TEST_F(scaling_controller_test, none_leaves_while_deadlines_are_at_risk_and_something_waits) {
  s.slack = 20s;
  scaling_controller c(s);
  replicas = 6;
  slack = 5;
  ask_for(c, 20min, 4, 3);
  EXPECT_EQ(replicas, 6);
  slack.reset();
  ask_for(c, 20min, 4, 3);
  EXPECT_EQ(replicas, 6);
  slack = 50;
  ask_for(c, 20min, 4, 3);
  EXPECT_EQ(replicas, 2);
}

TEST_F(scaling_controller_test, a_bulk_model_sleeps_when_nothing_came_for_long_and_wakes) {
  s.least = 0;
  scaling_controller c(s);
  ask(c, 1);
  ask_for(c, 10min, 0);
  EXPECT_EQ(replicas, 1);
  const auto slept = ask(c, 0);
  EXPECT_EQ(slept.replicas, 0u);
  EXPECT_EQ(slept.reason, scaling_reason::asleep);
  EXPECT_FALSE(ask_for(c, 1h, 0).changed);
  const auto woken = ask(c, 0, 1);
  EXPECT_EQ(woken.replicas, 1u);
  EXPECT_EQ(woken.reason, scaling_reason::woken);
}

TEST_F(scaling_controller_test, it_wakes_although_nothing_tells_how_fast_it_will_be) {
  s.least = 0;
  scaling_controller c(s);
  replicas = 0;
  auto o = see(3, 500);
  o.service_rate.reset();
  const auto d = ask(c, o);
  EXPECT_EQ(d.replicas, 1u);
  EXPECT_EQ(d.reason, scaling_reason::woken);
}

TEST_F(scaling_controller_test, the_last_replica_stays_while_a_little_comes) {
  s.least = 0;
  scaling_controller c(s);
  replicas = 2;
  ask_for(c, 2h, 0.01);
  EXPECT_EQ(replicas, 1);
}

TEST_F(scaling_controller_test, what_cannot_be_believed_changes_nothing_and_is_named) {
  scaling_controller c(s);
  replicas = 5;
  auto o = see(80, 4000);
  o.pending->value = std::nan("");
  auto d = ask(c, o);
  EXPECT_FALSE(d.changed);
  EXPECT_TRUE(d.held());
  EXPECT_EQ(d.replicas, 5u);
  EXPECT_EQ(d.reason, scaling_reason::not_a_number);
  EXPECT_EQ(d.at_fault, scaling_value::pending);
  o = see(80, 4000);
  o.replicas.reset();
  d = ask(c, o);
  EXPECT_FALSE(d.changed);
  EXPECT_EQ(d.replicas, 5u) << "what it last knew";
  EXPECT_EQ(d.at_fault, scaling_value::replicas);
}

TEST_F(scaling_controller_test, after_a_gap_the_windows_begin_anew) {
  scaling_controller c(s);
  replicas = 6;
  ask_for(c, 4min, 4);
  now += 40s; // Prometheus was away
  ask_for(c, 4min, 4);
  EXPECT_EQ(replicas, 6);
  ask_for(c, 2min, 4);
  EXPECT_LT(replicas, 6);
}

TEST_F(scaling_controller_test, a_value_now_and_then_that_is_missing_does_not_begin_them_anew) {
  scaling_controller c(s);
  replicas = 6;
  for (int i = 0; i < 80; ++i) {
    auto o = see(4, 0);
    if (i % 4 == 0)
      o.arrival_rate.reset();
    ask(c, o);
  }
  EXPECT_EQ(replicas, 2);
}

} // namespace
} // namespace chalkstream

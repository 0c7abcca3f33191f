#include "pipelines/tools/scaling/scaling_rivals.hpp"
#include "pipelines/tools/scaling/simulation.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace chalkstream::pipelines::tools {
namespace {

/// So many records at each of these moments, each a second of work.
arrival_trace trace_of(std::vector<double> arrivals, double length, double deadline = 10) {
  arrival_trace t;
  t.name = "test";
  t.length = length;
  t.work.deadline = deadline;
  t.work.least = 1;
  t.work.most = 10;
  t.arrivals = std::move(arrivals);
  t.tokens.assign(t.arrivals.size(), 1000);
  t.seconds.assign(t.arrivals.size(), 1);
  return t;
}

std::vector<double> every(double gap, double from, double to) {
  std::vector<double> all;
  for (double t = from; t < to; t += gap)
    all.push_back(t);
  return all;
}

TEST(simulated_service_test, records_are_taken_in_turn_by_whoever_is_free) {
  const auto t = trace_of({0, 0, 0, 0.5, 10}, 20, 1.9);
  simulated_service s(t, {30, 5}, 2);
  s.advance(1.25);
  EXPECT_EQ(s.arrived(), 4u);
  EXPECT_EQ(s.taken(), 4u);
  EXPECT_EQ(s.finished(), 2u);
  EXPECT_EQ(s.pending(), 2u);
  EXPECT_DOUBLE_EQ(s.busy(), 2.5);
  s.advance(20);
  EXPECT_TRUE(s.done());
  EXPECT_EQ(s.waits(), (std::vector<float>{0, 0, 1, 0.5, 0}));
  EXPECT_EQ(s.late(), (std::vector<bool>{false, false, true, false, false}));
  EXPECT_DOUBLE_EQ(s.finished_seconds(), 5);
}

TEST(simulated_service_test, a_replica_works_after_its_start_and_is_paid_for_from_the_beginning) {
  const auto t = trace_of(std::vector<double>(10, 0.0), 100);
  simulated_service s(t, {3, 5}, 1);
  s.resize(2);
  EXPECT_EQ(s.ready(), 1u);
  s.advance(4);
  EXPECT_EQ(s.ready(), 2u);
  EXPECT_EQ(s.taken(), 5u) << "four by the first, one by the second";
  s.advance(20);
  s.close();
  EXPECT_DOUBLE_EQ(s.paid(), 2 * 20);
}

TEST(simulated_service_test, one_that_leaves_finishes_what_it_has) {
  const auto t = trace_of({0, 0}, 100);
  simulated_service s(t, {3, 5}, 2);
  s.advance(0.5);
  s.resize(1);
  EXPECT_EQ(s.replicas(), 1u);
  EXPECT_DOUBLE_EQ(s.paid(), 1 + 5);
  s.advance(2);
  EXPECT_TRUE(s.done());
}

TEST(simulated_service_test, tokens_that_kafka_still_holds_are_reckoned_as_the_others) {
  auto t = trace_of(std::vector<double>(simulated_service::read_ahead + 1000, 0.0), 100);
  t.tokens.back() = 1e6;
  simulated_service s(t, {3, 5}, 1);
  s.advance(0);
  EXPECT_NEAR(s.arrived_tokens(), 1000.0 * (simulated_service::read_ahead + 1000), 1);
}

TEST(simulation_test, everything_is_counted) {
  const auto t = trace_of(every(2, 0, 3600), 3600);
  const auto run = simulate(t, fixed_policy{2}, {});
  EXPECT_EQ(run.policy, "fixed 2");
  EXPECT_EQ(run.records, 1800u);
  EXPECT_EQ(run.misses, 0u);
  EXPECT_NEAR(run.replica_hours, 2, 0.01);
  EXPECT_EQ(run.turns, 0u);
  EXPECT_EQ(run.most_replicas, 2u);
  EXPECT_EQ(run.p99_drain, 0);
  double came = 0;
  for (const auto& m : run.moments)
    came += m.arrivals * 3600 / static_cast<double>(run.moments.size());
  EXPECT_NEAR(came, 1800, 1e-6);
}

TEST(simulation_test, records_that_nobody_takes_are_misses) {
  auto t = trace_of({5, 6, 7}, 60);
  t.work.least = 0;
  EXPECT_EQ(simulate(t, fixed_policy{0}, {}).misses, 3u);
}

TEST(simulation_test, the_same_seed_is_the_same_run) {
  const auto one = make_trace("exam", 5);
  const auto two = make_trace("exam", 5);
  const auto other = make_trace("exam", 6);
  ASSERT_TRUE(one && two && other);
  EXPECT_EQ(one->arrivals, two->arrivals);
  EXPECT_EQ(one->seconds, two->seconds);
  EXPECT_NE(one->arrivals, other->arrivals);
}

TEST(simulation_test, a_trace_that_does_not_exist_is_told_with_what_was_meant) {
  const auto made = make_trace("exams", 1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "there is no trace 'exams'; did you mean 'exam'?");
}

TEST(simulation_test, ours_wakes_what_sleeps) {
  auto t = trace_of(every(1, 1800, 2400), 3600, 120);
  t.work.least = 0;
  drain_policy ours;
  ours.settings.startup = std::chrono::seconds(30);
  const auto run = simulate(t, ours, {});
  EXPECT_EQ(run.misses, 0u);
  EXPECT_LT(run.replica_hours, 1);
  EXPECT_GE(run.most_replicas, 1u);
}

TEST(pod_autoscaler_test, it_grows_by_four_or_to_twice_as_many_and_shrinks_after_five_minutes) {
  pod_autoscaler pods(1, 40);
  EXPECT_EQ(pods.settle(0, 1, 30), 5u);
  EXPECT_EQ(pods.settle(15, 5, 30), 10u);
  EXPECT_EQ(pods.settle(30, 10, 12), 12u);
  EXPECT_EQ(pods.settle(45, 12, 2), 12u) << "30 were wanted not long ago";
  EXPECT_EQ(pods.settle(314, 12, 2), 12u);
  EXPECT_EQ(pods.settle(331, 12, 2), 2u);
  EXPECT_EQ(pods.settle(1000, 2, 0), 1u);
  EXPECT_EQ(pod_autoscaler(1, 40, 25).settle(0, 1, 30), 26u);
}

TEST(processor_scaling_test, it_holds_the_use_at_its_target) {
  const auto t = trace_of(every(0.25, 0, 600), 600); // four replicas' work
  simulated_service s(t, {0, 0}, 2);
  processor_scaling rule(0.5, {1, 10});
  s.advance(15);
  EXPECT_EQ(rule.decide(15, s), 4u) << "2 * 1.0 / 0.5: it cannot see that more waits";
}

TEST(processor_scaling_test, within_the_tolerance_nothing_changes) {
  const auto t = trace_of(every(2, 0, 600), 600); // half of one
  simulated_service s(t, {0, 0}, 1);
  processor_scaling rule(0.48, {1, 10});
  s.advance(30);
  EXPECT_EQ(rule.decide(30, s), 1u);
}

TEST(lag_scaling_test, each_replica_may_have_as_much_lag_as_the_threshold) {
  const auto t = trace_of(std::vector<double>(35, 1.0), 600);
  simulated_service s(t, {0, 0}, 1);
  lag_scaling rule(10, false, {1, 10});
  s.advance(1);
  EXPECT_EQ(rule.decide(1, s), 4u);
}

TEST(lag_scaling_test, it_sleeps_after_the_cooldown_and_wakes_at_the_next_poll) {
  const auto t = trace_of({1, 400}, 600);
  simulated_service s(t, {0, 0}, 1);
  lag_scaling rule(10, true, {1, 10});
  for (double now = 15; now <= 285; now += 15) {
    s.advance(now);
    EXPECT_EQ(rule.decide(now, s), 1u) << now;
  }
  s.advance(315);
  EXPECT_EQ(rule.decide(315, s), 0u);
  s.resize(0);
  s.advance(390);
  EXPECT_EQ(rule.decide(390, s), 0u);
  s.advance(405);
  EXPECT_EQ(rule.decide(405, s), 0u) << "it polls every 30 s";
  s.advance(420);
  EXPECT_EQ(rule.decide(420, s), 1u);
}

} // namespace
} // namespace chalkstream::pipelines::tools

#include "core/scaling_workload.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

const time_point now{1h};

std::optional<observed> seen(double value, duration age = 0s) {
  return observed{value, now - age};
}

/// Four replicas, 80 units wait, each works off 2 a second: 10 seconds.
scaling_observation sound() {
  scaling_observation o;
  o.drain_seconds = seen(10);
  o.slack_seconds = seen(30);
  o.arrival_rate = seen(5);
  o.service_rate = seen(2);
  o.pending = seen(80);
  o.replicas = seen(4);
  o.ready = seen(4);
  o.partitions = seen(12);
  return o;
}

scaling_workload must_believe(const scaling_observation& o) {
  const auto read = believed({}, now, o);
  EXPECT_TRUE(std::holds_alternative<scaling_workload>(read));
  return std::holds_alternative<scaling_workload>(read) ? std::get<scaling_workload>(read) : scaling_workload{};
}

void must_refuse(const scaling_observation& o, scaling_reason reason, scaling_value value) {
  const auto read = believed({}, now, o);
  ASSERT_TRUE(std::holds_alternative<scaling_fault>(read));
  EXPECT_EQ(to_string(std::get<scaling_fault>(read).reason), to_string(reason));
  EXPECT_EQ(to_string(std::get<scaling_fault>(read).value), to_string(value));
}

TEST(scaling_workload_test, a_sound_observation_is_taken_as_it_is) {
  const auto w = must_believe(sound());
  EXPECT_EQ(w.pending, 80);
  EXPECT_EQ(w.rate, 2);
  EXPECT_EQ(w.arrivals, 5);
  EXPECT_EQ(w.replicas, 4u);
  EXPECT_EQ(w.ready, 4u);
  EXPECT_EQ(w.partitions, 12u);
  EXPECT_EQ(w.slack, 30);
}

TEST(scaling_workload_test, two_of_drain_pending_and_rate_give_the_third) {
  auto o = sound();
  o.service_rate.reset();
  EXPECT_EQ(must_believe(o).rate, 2);
  o = sound();
  o.pending.reset();
  EXPECT_EQ(must_believe(o).pending, 80);
  o = sound();
  o.drain_seconds.reset();
  EXPECT_EQ(must_believe(o).pending, 80);
}

TEST(scaling_workload_test, one_of_them_is_not_enough) {
  auto o = sound();
  o.service_rate.reset();
  o.pending.reset();
  must_refuse(o, scaling_reason::missing, scaling_value::pending);
  o = sound();
  o.drain_seconds.reset();
  o.pending.reset();
  must_refuse(o, scaling_reason::missing, scaling_value::drain_seconds);
  o = sound();
  o.drain_seconds.reset();
  o.service_rate.reset();
  must_refuse(o, scaling_reason::missing, scaling_value::service_rate);
}

TEST(scaling_workload_test, arrivals_and_replicas_are_always_needed) {
  auto o = sound();
  o.arrival_rate.reset();
  must_refuse(o, scaling_reason::missing, scaling_value::arrival_rate);
  o = sound();
  o.replicas.reset();
  must_refuse(o, scaling_reason::missing, scaling_value::replicas);
}

TEST(scaling_workload_test, without_word_of_it_every_replica_works_and_nothing_limits_them) {
  auto o = sound();
  o.ready.reset();
  o.partitions.reset();
  o.slack_seconds.reset();
  const auto w = must_believe(o);
  EXPECT_EQ(w.ready, 4u);
  EXPECT_FALSE(w.partitions);
  EXPECT_FALSE(w.slack);
}

TEST(scaling_workload_test, those_that_leave_may_still_be_ready) {
  auto o = sound();
  o.ready = seen(6);
  EXPECT_EQ(must_believe(o).ready, 4u);
}

TEST(scaling_workload_test, idle_needs_no_rate) {
  scaling_observation o;
  o.arrival_rate = seen(0);
  o.pending = seen(0);
  o.replicas = seen(1);
  EXPECT_TRUE(must_believe(o).idle());
}

TEST(scaling_workload_test, what_sleeps_needs_no_rate) {
  scaling_observation o;
  o.arrival_rate = seen(1);
  o.pending = seen(7);
  o.replicas = seen(0);
  EXPECT_EQ(must_believe(o).rate, 0);
}

TEST(scaling_workload_test, values_that_cannot_be_true_together_are_refused) {
  auto o = sound();
  o.drain_seconds = seen(400);
  must_refuse(o, scaling_reason::contradictory, scaling_value::drain_seconds);
  o.drain_seconds = seen(40);
  must_believe(o); // averages over other windows
  o = sound();
  o.pending = seen(0);
  o.drain_seconds = seen(60);
  must_refuse(o, scaling_reason::contradictory, scaling_value::drain_seconds);
  o = sound();
  o.service_rate = seen(0);
  must_refuse(o, scaling_reason::contradictory, scaling_value::service_rate);
}

TEST(scaling_workload_test, there_is_no_fraction_of_a_replica) {
  auto o = sound();
  o.replicas = seen(2.5);
  must_refuse(o, scaling_reason::impossible, scaling_value::replicas);
  o = sound();
  o.replicas = seen(1e9);
  must_refuse(o, scaling_reason::impossible, scaling_value::replicas);
}

TEST(scaling_workload_test, a_topic_has_partitions) {
  auto o = sound();
  o.partitions = seen(0);
  must_refuse(o, scaling_reason::impossible, scaling_value::partitions);
}

TEST(scaling_workload_test, time_left_may_be_negative) {
  auto o = sound();
  o.slack_seconds = seen(-12);
  EXPECT_EQ(must_believe(o).slack, -12);
}

struct field {
  std::optional<observed> scaling_observation::*value;
  scaling_value name;
};

class each_value_test : public testing::TestWithParam<field> {};

TEST_P(each_value_test, is_refused_if_it_is_no_number_old_from_the_future_or_beyond_counting) {
  const auto& [value, name] = GetParam();
  for (const auto wrong :
       {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    auto o = sound();
    o.*value = seen(wrong);
    must_refuse(o, scaling_reason::not_a_number, name);
  }
  for (const auto age : {31s, -31s}) {
    auto o = sound();
    (o.*value)->at = now - age;
    must_refuse(o, scaling_reason::stale, name);
  }
  for (const auto age : {30s, -30s}) {
    auto o = sound();
    (o.*value)->at = now - age;
    must_believe(o);
  }
  auto o = sound();
  o.*value = seen(1e300);
  must_refuse(o, scaling_reason::impossible, name);
}

TEST_P(each_value_test, is_not_negative_unless_it_is_time_left) {
  const auto& [value, name] = GetParam();
  if (name == scaling_value::slack_seconds)
    return;
  auto o = sound();
  o.*value = seen(-1);
  must_refuse(o, scaling_reason::impossible, name);
}

INSTANTIATE_TEST_SUITE_P(of_an_observation, each_value_test,
                         testing::Values(field{&scaling_observation::drain_seconds, scaling_value::drain_seconds},
                                         field{&scaling_observation::slack_seconds, scaling_value::slack_seconds},
                                         field{&scaling_observation::arrival_rate, scaling_value::arrival_rate},
                                         field{&scaling_observation::service_rate, scaling_value::service_rate},
                                         field{&scaling_observation::pending, scaling_value::pending},
                                         field{&scaling_observation::replicas, scaling_value::replicas},
                                         field{&scaling_observation::ready, scaling_value::ready},
                                         field{&scaling_observation::partitions, scaling_value::partitions}),
                         [](const auto& info) { return std::string(to_string(info.param.name)); });

} // namespace
} // namespace chalkstream

#include "tests/kafka/broker_tools.hpp"
#include "tests/kafka/real_broker.hpp"
#include "tests/kafka/session_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::test {
namespace {

using testing::ElementsAre;

kafka::session_settings at_least_once(const std::string& stem) {
  auto s = fresh_settings(shared_broker().bootstrap(), stem);
  s.guarantee = kafka::delivery::at_least_once;
  return s;
}

TEST(at_least_once_test, results_arrive_and_offsets_follow_with_their_notes) {
  const auto s = at_least_once("alo");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  EXPECT_EQ(d.commit(window_of({"a", "b"}, 2, "c1;w=1")), commit_outcome::committed);
  EXPECT_THAT(values_of(s.brokers, s.results_topic), ElementsAre("a", "b"));
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).offset, 2);
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).note, "c1;w=1");
}

TEST(at_least_once_test, a_result_the_topic_refuses_becomes_a_dead_letter) {
  const auto s = at_least_once("alosize");
  make_topics(s);
  set_topic_limit(s.brokers, s.results_topic, 100'000);
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  const auto large = noise(300'000);
  EXPECT_EQ(d.commit(window_of({"a", large}, 2, "n")), commit_outcome::committed);
  EXPECT_THAT(values_of(s.brokers, s.results_topic), testing::Contains("a"));
  EXPECT_EQ(records_of(s.brokers, s.dead_letters_topic).size(), 1u);
}

TEST(at_least_once_test, a_member_that_has_left_commits_no_offsets) {
  const auto s = at_least_once("aloleft");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  d.session.source->close();
  EXPECT_EQ(d.commit(window_of({"a"}, 2, "n")), commit_outcome::not_committed);
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).offset, -1);
}

} // namespace
} // namespace chalkstream::test

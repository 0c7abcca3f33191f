#include "kafka/embedded_broker.hpp"

#include "kafka/topic_writer.hpp"
#include "tests/kafka/session_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

class embedded_broker_test : public testing::Test {
protected:
  static kafka::embedded_broker start() {
    auto broker = kafka::embedded_broker::start({}, log::none());
    EXPECT_TRUE(broker) << to_string(broker.error());
    return std::move(*broker);
  }

  kafka::session_settings settings(const std::string& stem) { return fresh_settings(broker_, stem); }

  kafka::embedded_broker broker_ = start();
};

TEST_F(embedded_broker_test, topics_have_the_partitions_they_were_given) {
  const kafka::embedded_broker::topic given[] = {{"a", 1}, {"b", 7}};
  auto broker = kafka::embedded_broker::start(given, log::none());
  ASSERT_TRUE(broker);
  auto s = settings("partitions");
  s.brokers = broker->bootstrap();
  s.topic = "b";
  session_driver d{s};
  d.open();
  EXPECT_TRUE(d.wait_for_partitions(7));
}

TEST_F(embedded_broker_test, records_keep_key_value_and_headers_and_the_difference_of_null_and_empty) {
  auto s = settings("fields");
  auto writer = kafka::topic_writer::make(s.brokers, s.topic, {}, log::none());
  ASSERT_TRUE(writer);
  const std::vector<header> headers = {
      {"a", "1"}, {"empty", ""}, {"null", std::nullopt}, {"a", std::string("\0\xff", 2)}};
  kafka::new_record full;
  full.key = "key";
  full.value = "value";
  full.headers = headers;
  full.partition = 0;
  full.timestamp = wall_time{1234567890123ms};
  ASSERT_TRUE(writer->write(full));
  kafka::new_record null;
  null.partition = 0;
  ASSERT_TRUE(writer->write(null));
  kafka::new_record empty;
  empty.key = "";
  empty.value = "";
  empty.partition = 0;
  ASSERT_TRUE(writer->write(empty));
  ASSERT_TRUE(writer->flush(10s));
  EXPECT_EQ(writer->confirmed(), 3u);

  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  const auto& r = d.records;
  EXPECT_EQ(r[0].key, "key");
  EXPECT_EQ(r[0].value, "value");
  ASSERT_EQ(r[0].headers.size(), 4u);
  EXPECT_EQ(r[0].headers[1].value, "");
  EXPECT_EQ(r[0].headers[2].value, std::nullopt);
  EXPECT_EQ(r[0].headers[3].name, "a");
  EXPECT_EQ(r[0].headers[3].value, std::string_view("\0\xff", 2));
  EXPECT_EQ(r[0].timestamp, full.timestamp);
  EXPECT_EQ(r[1].key, std::nullopt);
  EXPECT_EQ(r[1].value, std::nullopt);
  EXPECT_TRUE(r[1].headers.empty());
  EXPECT_EQ(r[2].key, "");
  EXPECT_EQ(r[2].value, "");
}

TEST_F(embedded_broker_test, records_stay_valid_after_their_session_is_gone) {
  auto s = settings("lifetime");
  write_numbers(s.brokers, s.topic, 5);
  std::vector<record> kept;
  {
    session_driver d{s};
    d.open();
    ASSERT_TRUE(d.wait_for_records(5));
    kept = std::move(d.records);
  }
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(kept[static_cast<std::size_t>(i)].value, std::to_string(i));
}

TEST_F(embedded_broker_test, a_session_wakes_its_owner_when_records_come) {
  auto s = settings("wake");
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_partitions(4));
  d.poll_until([] { return false; }, 300ms);
  const int before = d.wake_ups;
  write_numbers(s.brokers, s.topic, 1);
  const auto deadline = clock::system().now() + 5s;
  while (d.wake_ups == before && clock::system().now() < deadline)
    std::this_thread::sleep_for(1ms);
  EXPECT_GT(d.wake_ups, before) << "without one poll";
}

TEST_F(embedded_broker_test, a_poll_that_leaves_something_behind_wakes_its_owner_again) {
  auto s = settings("again");
  write_numbers(s.brokers, s.topic, 100);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.poll_until([&] { return !d.records.empty(); }, 20s, 1));
  d.poll_until([] { return false; }, 500ms, 0); // everything has arrived now
  const int before = d.wake_ups;
  const auto one = d.session.source->poll(1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->records.size(), 1u);
  EXPECT_GT(d.wake_ups, before);
}

TEST_F(embedded_broker_test, a_pause_brings_no_records_and_loses_none) {
  auto s = settings("pause");
  write_numbers(s.brokers, s.topic, 500);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.poll_until([&] { return d.records.size() >= 10; }, 20s, 10));
  for (int round = 0; round < 5; ++round) {
    d.session.source->pause();
    const auto before = d.records.size();
    const auto polls = round == 0 ? 1500ms : 30ms; // long enough to really stop fetching, and too short for it
    d.poll_until([] { return false; }, polls, 10);
    EXPECT_EQ(d.records.size(), before);
    d.session.source->resume();
    ASSERT_TRUE(d.poll_until([&] { return d.records.size() >= before + 20; }, 20s, 10));
  }
  ASSERT_TRUE(d.wait_for_records(500));
  d.poll_until([] { return false; }, 300ms);
  ASSERT_EQ(d.records.size(), 500u);
  for (std::size_t i = 0; i < 500; ++i)
    EXPECT_EQ(d.records[i].value, std::to_string(i));
}

TEST_F(embedded_broker_test, polling_for_no_records_keeps_the_membership_and_the_records) {
  auto s = settings("zero");
  write_numbers(s.brokers, s.topic, 300);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.poll_until([&] { return d.assigned.size() == 4; }, 20s, 0));
  d.poll_until([] { return false; }, 1000ms, 0);
  EXPECT_TRUE(d.records.empty());
  ASSERT_TRUE(d.wait_for_records(300));
  for (std::size_t i = 0; i < 300; ++i)
    EXPECT_EQ(d.records[i].value, std::to_string(i));
}

TEST_F(embedded_broker_test, lag_falls_to_zero_when_everything_is_read) {
  auto s = settings("lag");
  write_numbers(s.brokers, s.topic, 200);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.poll_until([&] { return d.records.size() >= 10; }, 20s, 10));
  EXPECT_EQ(d.session.source->lag(), 200 - static_cast<std::int64_t>(d.records.size()));
  ASSERT_TRUE(d.wait_for_records(200));
  EXPECT_EQ(d.session.source->lag(), 0);
}

TEST_F(embedded_broker_test, results_and_dead_letters_arrive_in_their_topics) {
  auto s = settings("results");
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  auto window = window_of({"a", "b"}, 3, "note");
  output dead;
  dead.to = destination::dead_letters;
  dead.borrowed = d.records[2].value;
  dead.memory = d.records[2].memory;
  dead.headers = {{"chalkstream_reason", "malformed_json"}, {"none", std::nullopt}};
  window.outputs.push_back(dead);
  output tombstone;
  tombstone.to = destination::dead_letters;
  tombstone.null_value = true;
  window.outputs.push_back(tombstone);
  EXPECT_EQ(d.commit(window), commit_outcome::committed);
  auto results = values_of(s.brokers, s.results_topic);
  std::sort(results.begin(), results.end());
  EXPECT_EQ(results, (std::vector<std::string>{"a", "b"}));
  const auto letters = records_of(s.brokers, s.dead_letters_topic);
  ASSERT_EQ(letters.size(), 2u);
  const auto& full = letters[0].value ? letters[0] : letters[1];
  const auto& empty = letters[0].value ? letters[1] : letters[0];
  EXPECT_EQ(full.value, "2");
  ASSERT_EQ(full.headers.size(), 2u);
  EXPECT_EQ(full.headers[0].value, "malformed_json");
  EXPECT_EQ(full.headers[1].value, std::nullopt);
  EXPECT_EQ(empty.value, std::nullopt);
  EXPECT_EQ(d.session.counters->commits, 1u);
}

TEST_F(embedded_broker_test, a_window_without_positions_is_nothing_or_a_mistake) {
  session_driver d{settings("empty")};
  d.open();
  EXPECT_EQ(d.commit({}), commit_outcome::committed);
  commit_window orphan;
  orphan.outputs.push_back(result_of("x"));
  EXPECT_FALSE(d.session.sink->commit(orphan));
}

TEST_F(embedded_broker_test, a_result_over_our_own_limit_becomes_its_claim_check_in_the_same_window) {
  auto s = settings("large");
  s.max_message_bytes = 10000;
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_partitions(4));
  auto window = window_of({"small", std::string(20000, 'L'), "other"}, 3, "note");
  EXPECT_EQ(d.commit(window), commit_outcome::committed);
  EXPECT_EQ(values_of(s.brokers, s.results_topic).size(), 2u);
  const auto letters = records_of(s.brokers, s.dead_letters_topic);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].value, std::nullopt);
  EXPECT_EQ(letters[0].headers[0].value, "result_too_large");
  EXPECT_EQ(d.session.counters->claim_checks, 1u);
}

TEST_F(embedded_broker_test, an_unreachable_broker_does_not_make_a_session_fail) {
  auto s = settings("away");
  write_numbers(s.brokers, s.topic, 10);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(10));
  broker_.set_reachable(false);
  d.poll_until([] { return false; }, 500ms);
  broker_.set_reachable(true);
  write_numbers(s.brokers, s.topic, 10, 0, 10);
  EXPECT_TRUE(d.wait_for_records(20));
  EXPECT_FALSE(d.failure);
}

} // namespace
} // namespace chalkstream::test

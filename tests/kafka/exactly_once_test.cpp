// The promise, on a real broker: what is committed is visible once, what is not is invisible, and offsets with their
// notes share the fate of the results.
#include "tests/kafka/broker_tools.hpp"
#include "tests/kafka/real_broker.hpp"
#include "tests/kafka/session_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(exactly_once_test, a_committed_window_is_visible_once_and_its_offset_and_note_with_it) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "commit");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 5);
  {
    session_driver d{s};
    d.open();
    ASSERT_TRUE(d.wait_for_records(5));
    EXPECT_EQ(d.assigned.at(0).committed, -1);
    EXPECT_EQ(d.assigned.at(0).start, 0);
    EXPECT_EQ(d.commit(window_of({"a", "b"}, 2, "c1;w=first;d=1+1")), commit_outcome::committed);
    EXPECT_EQ(d.commit(window_of({"c"}, 3, "c1;w=second")), commit_outcome::committed);
  }
  EXPECT_THAT(values_of(s.brokers, s.results_topic), ElementsAre("a", "b", "c"));
  const auto committed = offset_of(s.brokers, s.group, s.topic, 0);
  EXPECT_EQ(committed.offset, 3);
  EXPECT_EQ(committed.note, "c1;w=second");

  session_driver next{s};
  next.open();
  ASSERT_TRUE(next.wait_for_records(2));
  EXPECT_EQ(next.assigned.at(0).committed, 3);
  EXPECT_EQ(next.assigned.at(0).note, "c1;w=second");
  EXPECT_EQ(next.records[0].offset, 3);
}

TEST(exactly_once_test, a_window_of_offsets_alone_moves_them) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "offsets");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 1);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(1));
  EXPECT_EQ(d.commit(window_of({}, 0, "taken over")), commit_outcome::committed);
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).note, "taken over");
}

TEST(exactly_once_test, a_member_that_has_left_commits_nothing) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "left");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  d.session.source->close();
  EXPECT_EQ(d.commit(window_of({"too late"}, 3, "n")), commit_outcome::not_committed);
  EXPECT_THAT(values_of(s.brokers, s.results_topic), IsEmpty());
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).offset, -1);
}

TEST(exactly_once_test, an_aborted_window_is_invisible_and_its_retry_is_seen_once) {
  // The group's session ends behind the member's back: its generation is stale, the results are already written.
  auto s = fresh_settings(shared_broker().bootstrap(), "abort");
  s.client = {{"max.poll.interval.ms", "6000"}}; // without static membership it takes that long
  make_topics(s);
  write_numbers(s.brokers, s.topic, 3);
  session_driver first{s};
  first.open();
  ASSERT_TRUE(first.wait_for_records(3));
  session_driver second{s}; // the same instance again: it replaces the first one, in the group and as a producer
  second.open();
  ASSERT_TRUE(second.wait_for_records(3));
  const auto late = first.session.sink->commit(window_of({"0", "1", "2"}, 3, "late"));
  EXPECT_TRUE(!late || *late == commit_outcome::not_committed);
  first.close(); // before it could take the name back
  EXPECT_THAT(values_of(s.brokers, s.results_topic), IsEmpty());

  auto outcome = second.commit(window_of({"0", "1", "2"}, 3, "retry"));
  for (int tries = 0; tries < 5 && outcome == commit_outcome::not_committed; ++tries) {
    second.poll_until([] { return false; }, 200ms);
    outcome = second.commit(window_of({"0", "1", "2"}, 3, "retry" + std::to_string(tries)));
  }
  EXPECT_EQ(outcome, commit_outcome::committed);
  EXPECT_THAT(values_of(s.brokers, s.results_topic), ElementsAre("0", "1", "2"));
}

TEST(exactly_once_test, a_result_the_topic_refuses_becomes_a_dead_letter_in_the_same_transaction) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "refused");
  make_topics(s);
  // The results topic takes 100 kB, far less than the session was told.
  set_topic_limit(s.brokers, s.results_topic, 100'000);
  write_numbers(s.brokers, s.topic, 4);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(4));
  const auto large = noise(300'000);
  auto window = window_of({"a", large, "b"}, 3, "n");
  window.outputs[1].offset = 1;
  EXPECT_EQ(d.commit(window), commit_outcome::committed);
  const auto values = values_of(s.brokers, s.results_topic);
  EXPECT_TRUE(values == (std::vector<std::string>{"a", "b"})) << values.size();
  const auto letters = records_of(s.brokers, s.dead_letters_topic);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].value, std::nullopt);
  EXPECT_EQ(letters[0].headers.at(0).value, "result_too_large");
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).offset, 3);
  EXPECT_EQ(d.session.counters->claim_checks, 1u);
  // From here on the batches are small enough: no further aborts.
  EXPECT_EQ(d.commit(window_of(std::vector<std::string>(500, std::string(1000, 'y')), 4, "m")),
            commit_outcome::committed);
  EXPECT_EQ(values_of(s.brokers, s.results_topic).size(), 502u);
}

TEST(exactly_once_test, the_open_transaction_of_a_dead_process_is_ended_by_its_successor) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "takeover");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 2);
  leave_a_transaction_open(s, "lost", 2);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(2)) << "the offsets are stable again";
  EXPECT_EQ(d.commit(window_of({"0", "1"}, 2, "n")), commit_outcome::committed);
  EXPECT_THAT(values_of(s.brokers, s.results_topic), ElementsAre("0", "1"));
  EXPECT_THAT(values_of(s.brokers, s.results_topic, kafka::isolation::uncommitted), testing::Contains("lost"))
      << "otherwise nothing was tested";
}

TEST(exactly_once_test, two_of_the_same_name_do_not_go_on_for_ever) {
  auto s = fresh_settings(shared_broker().bootstrap(), "twins");
  s.static_membership = false; // only the producers meet
  make_topics(s, 2);
  write_numbers(s.brokers, s.topic, 5, 0);
  write_numbers(s.brokers, s.topic, 5, 1);
  session_driver a{s};
  session_driver b{s};
  a.open();
  b.open();
  ASSERT_TRUE(a.poll_until([&] {
    static_cast<void>(b.poll_until([] { return false; }, 20ms));
    if (!a.revoking.empty())
      a.release({a.revoking.begin(), a.revoking.end()});
    if (!b.revoking.empty())
      b.release({b.revoking.begin(), b.revoking.end()});
    return a.assigned.size() == 1 && b.assigned.size() == 1;
  }));
  const auto pa = a.assigned.begin()->first;
  const auto pb = b.assigned.begin()->first;
  bool ended = false;
  for (int round = 0; round < 12 && !ended; ++round) {
    const auto ra = a.session.sink->commit(window_of({}, 1, "a" + std::to_string(round), pa));
    const auto rb = b.session.sink->commit(window_of({}, 1, "b" + std::to_string(round), pb));
    ended = !ra || !rb;
    if (ended) {
      EXPECT_EQ((ra ? rb : ra).error().code, errc::fenced);
    }
  }
  EXPECT_TRUE(ended);
}

TEST(exactly_once_test, an_offset_the_log_no_longer_holds_stops_the_session) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "truncated");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 10);
  {
    session_driver d{s};
    d.open();
    ASSERT_TRUE(d.wait_for_records(10));
    ASSERT_EQ(d.commit(window_of({}, 3, "n")), commit_outcome::committed);
  }
  delete_records_before(s.brokers, s.topic, 0, 7);
  session_driver d{s};
  d.open();
  EXPECT_FALSE(d.wait_for_records(1));
  ASSERT_TRUE(d.failure);
  EXPECT_EQ(d.failure->code, errc::corrupt);
  EXPECT_TRUE(d.records.empty()) << "nothing is skipped silently";
}

TEST(exactly_once_test, a_new_group_starts_at_the_earliest_record_the_log_holds) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "earliest");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 10);
  delete_records_before(s.brokers, s.topic, 0, 4);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(6));
  EXPECT_EQ(d.assigned.at(0).committed, -1);
  EXPECT_EQ(d.assigned.at(0).start, 4);
  EXPECT_EQ(d.records.front().offset, 4);
}

TEST(exactly_once_test, input_written_in_transactions_leaves_no_lag_behind) {
  auto s = fresh_settings(shared_broker().bootstrap(), "chain");
  make_topics(s);
  write_numbers(s.brokers, s.topic, 3);
  session_driver first{s};
  first.open();
  ASSERT_TRUE(first.wait_for_records(3));
  ASSERT_EQ(first.commit(window_of({"a", "b"}, 3, "n")), commit_outcome::committed);

  auto t = fresh_settings(s.brokers, "chained");
  t.topic = s.results_topic;
  make_topics(t);
  session_driver second{t};
  second.open();
  ASSERT_TRUE(second.wait_for_records(2));
  EXPECT_TRUE(second.poll_until([&] { return second.session.source->lag() == 0; }, 5s))
      << "a commit marker is not a record";
}

TEST(exactly_once_test, a_killed_and_restarted_broker_loses_nothing_and_doubles_nothing) {
  real_broker broker;
  auto s = fresh_settings(broker.bootstrap(), "broker");
  s.session_timeout = 10s;
  make_topics(s);
  write_numbers(s.brokers, s.topic, 400);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(100));
  std::int64_t next = 0;
  int aborts = 0;
  const auto advance = [&](std::int64_t until) {
    const auto deadline = clock::system().now() + 60s;
    while (next < until && clock::system().now() < deadline && !d.failure) {
      d.poll_until([] { return true; });
      const auto in = d.session.source->poll(1000);
      ASSERT_TRUE(in);
      std::vector<std::string> values;
      for (auto i = next; i < next + 10; ++i)
        values.push_back(std::to_string(i));
      const auto outcome =
          d.commit(window_of(values, next + 10, "w" + std::to_string(next) + "." + std::to_string(aborts)));
      if (outcome == commit_outcome::committed) {
        next += 10;
      } else {
        ++aborts;
        std::this_thread::sleep_for(100ms);
      }
    }
  };
  advance(100);
  for (int kills = 0; kills < 2; ++kills) {
    std::thread trouble([&broker, kills] {
      std::this_thread::sleep_for(std::chrono::milliseconds(7 + 11 * kills));
      broker.kill();
      std::this_thread::sleep_for(1s);
      broker.start();
    });
    const auto goal = next + 100;
    advance(goal);
    trouble.join();
  }
  advance(400);
  EXPECT_EQ(next, 400);
  std::vector<std::string> expected;
  for (int i = 0; i < 400; ++i)
    expected.push_back(std::to_string(i));
  EXPECT_EQ(values_of(s.brokers, s.results_topic), expected);
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).offset, 400);
}

} // namespace
} // namespace chalkstream::test

// What a session does about each error a broker can answer with, on the embedded broker.
#include "tests/kafka/session_driver.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <ostream>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

// The numbers of Kafka's protocol.
enum request : int {
  produce = 0,
  offset_commit = 8,
  offset_fetch = 9,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  sync_group = 14,
  init_producer_id = 22,
  add_partitions_to_txn = 24,
  add_offsets_to_txn = 25,
  end_txn = 26,
  txn_offset_commit = 28,
};

enum class expected { committed, aborted, replaced, doubted };

struct error_case {
  const char* name;
  int request;
  int code;
  expected what;
  int times = 1;
};

std::ostream& operator<<(std::ostream& out, const error_case& c) {
  return out << c.name;
}

kafka::embedded_broker started() {
  auto broker = kafka::embedded_broker::start({}, log::none());
  EXPECT_TRUE(broker);
  return std::move(*broker);
}

class commit_errors_test : public testing::TestWithParam<error_case> {
protected:
  kafka::embedded_broker broker_ = started();
};

TEST_P(commit_errors_test, meets_the_error_as_it_should_and_recovers) {
  auto s = fresh_settings(broker_, "errors");
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  ASSERT_EQ(d.commit(window_of({"warm"}, 1, "n1")), commit_outcome::committed);

  const auto& c = GetParam();
  broker_.fail_next(c.request, std::vector<int>(static_cast<std::size_t>(c.times), c.code));
  const auto outcome = d.commit(window_of({"a", "b"}, 2, "n2"));
  const auto& n = *d.session.counters;
  EXPECT_EQ(outcome, c.what == expected::committed ? commit_outcome::committed : commit_outcome::not_committed);
  EXPECT_EQ(n.aborts, c.what == expected::committed ? 0u : 1u);
  EXPECT_EQ(n.unknown_outcomes, c.what == expected::doubted ? 1u : 0u);
  EXPECT_EQ(n.new_instances, c.what == expected::doubted ? 1u : 0u)
      << "a replaced producer is made when it is needed";

  EXPECT_EQ(d.commit(window_of({"a", "b"}, 2, "n3")), commit_outcome::committed) << "it must go on afterwards";
  const auto instances = c.what == expected::replaced || c.what == expected::doubted ? 1u : 0u;
  EXPECT_EQ(n.new_instances, instances);
}

INSTANTIATE_TEST_SUITE_P(
    table, commit_errors_test,
    testing::Values(
        error_case{"produce_not_leader", produce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, expected::committed},
        error_case{"produce_timed_out", produce, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, expected::committed},
        error_case{"produce_unauthorised", produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, expected::replaced},
        error_case{"produce_bad_timestamp", produce, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, expected::replaced},
        error_case{"produce_bad_record", produce, RD_KAFKA_RESP_ERR_INVALID_RECORD, expected::replaced},
        error_case{"partitions_concurrent", add_partitions_to_txn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                   expected::committed, 3},
        error_case{"partitions_not_coordinator", add_partitions_to_txn, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                   expected::committed},
        error_case{"partitions_unauthorised", add_partitions_to_txn, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                   expected::aborted},
        error_case{"partitions_unknown_producer", add_partitions_to_txn, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
                   expected::aborted},
        error_case{"offsets_loading", add_offsets_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                   expected::committed},
        error_case{"offsets_group_unauthorised", add_offsets_to_txn, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                   expected::aborted},
        error_case{"offsets_unauthorised", add_offsets_to_txn,
                   RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, expected::replaced},
        error_case{"offset_commit_loading", txn_offset_commit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                   expected::committed},
        // Repeated under the next generation, but not for ever.
        error_case{"offset_commit_stale_generation", txn_offset_commit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
                   expected::committed},
        error_case{"offset_commit_always_stale", txn_offset_commit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
                   expected::aborted, 8},
        error_case{"offset_commit_unknown_member", txn_offset_commit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                   expected::aborted},
        error_case{"offset_commit_fenced_member", txn_offset_commit, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
                   expected::aborted},
        error_case{"offset_commit_bad_state", txn_offset_commit, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,
                   expected::replaced},
        error_case{"end_not_available", end_txn, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, expected::committed, 2},
        error_case{"end_concurrent", end_txn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, expected::committed},
        error_case{"end_group_unauthorised", end_txn, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                   expected::aborted},
        error_case{"end_bad_state", end_txn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, expected::doubted},
        error_case{"end_fenced", end_txn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, expected::doubted}),
    [](const auto& info) { return std::string{info.param.name}; });

class session_errors_test : public testing::Test {
protected:
  kafka::session_settings settings() { return fresh_settings(broker_, "session"); }

  kafka::embedded_broker broker_ = started();
};

TEST_F(session_errors_test, a_batch_refused_for_its_size_is_sent_in_smaller_ones) {
  session_driver d{settings()};
  d.open();
  ASSERT_TRUE(d.wait_for_partitions(4));
  broker_.fail_next(produce, std::vector<int>{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  EXPECT_EQ(d.commit(window_of({"a", "b", "c"}, 3, "n")), commit_outcome::committed);
  EXPECT_EQ(d.session.counters->claim_checks, 0u) << "none of them was guilty";
  EXPECT_EQ(d.session.counters->new_instances, 1u);
}

TEST_F(session_errors_test, an_output_refused_when_it_was_alone_becomes_its_claim_check) {
  auto s = settings();
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_partitions(4));
  broker_.fail_next(produce, std::vector<int>{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  EXPECT_EQ(d.commit(window_of({std::string(1'500'000, 'L')}, 3, "n")), commit_outcome::committed);
  EXPECT_EQ(d.session.counters->claim_checks, 1u);
  EXPECT_EQ(d.commit(window_of({"next"}, 4, "m")), commit_outcome::committed);
  const auto letters = records_of(s.brokers, s.dead_letters_topic);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].headers.at(0).value, "result_too_large");
}

TEST_F(session_errors_test, being_thrown_out_again_and_again_ends_the_session) {
  session_driver d{settings()};
  d.open();
  ASSERT_TRUE(d.wait_for_partitions(4));
  result<commit_outcome> outcome = commit_outcome::committed;
  for (int i = 0; i < 4 && outcome; ++i) {
    broker_.fail_next(end_txn, std::vector<int>{RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
    outcome = d.session.sink->commit(window_of({"a"}, 3, "n" + std::to_string(i)));
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::fenced);
  EXPECT_FALSE(d.session.sink->commit(window_of({"a"}, 3, "n"))) << "for good";
}

TEST_F(session_errors_test, opening_waits_for_a_coordinator_that_is_loading) {
  broker_.fail_next(init_producer_id, std::vector<int>(3, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS));
  broker_.fail_next(find_coordinator, std::vector<int>(2, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE));
  session_driver d{settings()};
  d.open();
  EXPECT_TRUE(d.wait_for_partitions(4));
}

TEST_F(session_errors_test, opening_without_the_right_to_the_transactional_id_says_so) {
  broker_.fail_next(init_producer_id, std::vector<int>(1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
  session_driver d{settings()};
  ASSERT_TRUE(d.session.source->open(nullptr));
  const auto opened = d.session.sink->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::invalid_configuration);
  EXPECT_TRUE(d.session.sink->open()) << "it can be asked again once that is repaired";
}

TEST_F(session_errors_test, joining_survives_passing_errors) {
  broker_.fail_next(join_group, std::vector<int>{RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                                 RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID});
  broker_.fail_next(sync_group, std::vector<int>{RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS});
  auto s = settings();
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  EXPECT_TRUE(d.wait_for_records(3));
}

TEST_F(session_errors_test, offsets_that_cannot_be_read_yet_delay_an_assignment_and_do_not_start_it_anywhere) {
  broker_.fail_next(offset_fetch, std::vector<int>(3, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS));
  auto s = settings();
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  EXPECT_TRUE(d.wait_for_records(3));
  EXPECT_EQ(d.assigned.at(0).committed, -1);
  EXPECT_EQ(d.assigned.at(0).start, 0);
}

TEST_F(session_errors_test, a_member_the_group_has_forgotten_loses_its_partitions_and_joins_again) {
  auto s = settings();
  s.session_timeout = 3s;
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_partitions(4));
  broker_.fail_next(heartbeat, std::vector<int>{RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID});
  ASSERT_TRUE(d.poll_until([&] { return !d.lost.empty(); }));
  EXPECT_TRUE(d.revoking.empty()) << "there is nothing left to release";
  EXPECT_EQ(d.lost.size(), 4u);
  EXPECT_TRUE(d.wait_for_partitions(4));
  EXPECT_EQ(d.session.counters->lost_partitions, 4u);
}

TEST_F(session_errors_test, at_least_once_repeats_what_was_refused) {
  auto s = settings();
  s.guarantee = kafka::delivery::at_least_once;
  write_numbers(s.brokers, s.topic, 3);
  session_driver d{s};
  d.open();
  ASSERT_TRUE(d.wait_for_records(3));
  broker_.fail_next(produce, std::vector<int>{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  EXPECT_EQ(d.commit(window_of({"a"}, 3, "n")), commit_outcome::not_committed);
  broker_.fail_next(offset_commit, std::vector<int>{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION});
  EXPECT_EQ(d.commit(window_of({"a"}, 3, "n")), commit_outcome::not_committed);
  ASSERT_TRUE(d.poll_until([&] { return !d.lost.empty() && d.assigned.size() == 4; })) << "it joins again";
  EXPECT_EQ(d.commit(window_of({"a"}, 3, "n")), commit_outcome::committed);
  EXPECT_EQ(offset_of(s.brokers, s.group, s.topic, 0).offset, 3);
}

} // namespace
} // namespace chalkstream::test

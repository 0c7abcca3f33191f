// Commits whose answer never comes: the session must find out what became of them.
#include "tests/kafka/frame_proxy.hpp"
#include "tests/kafka/real_broker.hpp"
#include "tests/kafka/session_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::int16_t produce = 0;
constexpr std::int16_t add_offsets_to_txn = 25;
constexpr std::int16_t end_txn = 26;
constexpr std::int16_t txn_offset_commit = 28;

class unknown_outcome_test : public testing::Test {
protected:
  struct proxied_broker {
    frame_proxy proxy;
    real_broker broker{{{}, proxy.port()}};
    proxied_broker() { proxy.set_target(broker.proxied_port()); }
  };

  static proxied_broker& shared() {
    static proxied_broker broker;
    return broker;
  }

  void SetUp() override {
    settings_ = fresh_settings(shared().broker.bootstrap(), "unknown");
    settings_.transaction_timeout = 3s;
    make_topics(settings_);
    write_numbers(settings_.brokers, settings_.topic, 10);
    direct_ = settings_.brokers;
    settings_.brokers = "127.0.0.1:" + std::to_string(shared().proxy.port());
  }

  void TearDown() override { shared().proxy.heal(); }

  std::vector<std::string> results() const { return values_of(direct_, settings_.results_topic); }

  kafka::session_settings settings_;
  std::string direct_;
};

TEST_F(unknown_outcome_test, a_commit_whose_answer_is_lost_is_recognised_by_its_note) {
  session_driver d{settings_};
  d.open();
  ASSERT_TRUE(d.wait_for_records(10));
  ASSERT_EQ(d.commit(window_of({"0"}, 1, "w1")), commit_outcome::committed);
  shared().proxy.lose_responses(end_txn);
  const int lost_before = shared().proxy.lost();
  EXPECT_EQ(d.commit(window_of({"1", "2"}, 3, "w2")), commit_outcome::committed);
  EXPECT_GT(shared().proxy.lost(), lost_before) << "otherwise nothing was tested";
  EXPECT_EQ(d.session.counters->unknown_outcomes, 1u);
  EXPECT_EQ(d.session.counters->new_instances, 1u);
  shared().proxy.heal();
  EXPECT_EQ(d.commit(window_of({"3"}, 4, "w3")), commit_outcome::committed);
  EXPECT_THAT(results(), ElementsAre("0", "1", "2", "3"));
}

TEST_F(unknown_outcome_test, a_commit_that_never_arrived_is_recognised_as_such_and_tried_again) {
  session_driver d{settings_};
  d.open();
  ASSERT_TRUE(d.wait_for_records(10));
  ASSERT_EQ(d.commit(window_of({"0"}, 1, "w1")), commit_outcome::committed);
  shared().proxy.lose_requests(end_txn);
  EXPECT_EQ(d.commit(window_of({"1", "2"}, 3, "w2")), commit_outcome::not_committed);
  EXPECT_EQ(d.session.counters->unknown_outcomes, 1u);
  EXPECT_THAT(results(), ElementsAre("0"));
  shared().proxy.heal();
  EXPECT_EQ(d.commit(window_of({"1", "2"}, 3, "w2 again")), commit_outcome::committed);
  EXPECT_THAT(results(), ElementsAre("0", "1", "2"));
}

TEST_F(unknown_outcome_test, a_connection_that_breaks_during_the_commit_ends_its_producer) {
  session_driver d{settings_};
  d.open();
  ASSERT_TRUE(d.wait_for_records(10));
  ASSERT_EQ(d.commit(window_of({"0"}, 1, "w1")), commit_outcome::committed);
  shared().proxy.lose_responses(end_txn);
  const int lost_before = shared().proxy.lost();
  std::thread trouble([&] {
    while (shared().proxy.lost() == lost_before)
      std::this_thread::sleep_for(1ms);
    shared().proxy.heal();
    shared().proxy.cut();
  });
  EXPECT_EQ(d.commit(window_of({"1"}, 2, "w2")), commit_outcome::committed);
  trouble.join();
  EXPECT_EQ(d.commit(window_of({"2"}, 3, "w3")), commit_outcome::committed);
  EXPECT_EQ(d.session.counters->new_instances, 1u) << "a second copy of the request may still be on its way";
  EXPECT_THAT(results(), ElementsAre("0", "1", "2"));
}

TEST_F(unknown_outcome_test, answers_lost_before_the_commit_cost_the_window_only) {
  session_driver d{settings_};
  d.open();
  ASSERT_TRUE(d.wait_for_records(10));
  std::int64_t next = 0;
  for (const auto kind : {produce, add_offsets_to_txn, txn_offset_commit}) {
    shared().proxy.lose_responses(kind);
    const auto value = std::to_string(next);
    const auto started = clock::system().now();
    auto outcome = d.commit(window_of({value}, next + 1, "lost" + value));
    EXPECT_LT(clock::system().now() - started, 30s) << "own limits, whatever the library's are";
    shared().proxy.heal();
    for (int tries = 0; tries < 20 && outcome == commit_outcome::not_committed; ++tries) {
      d.poll_until([] { return false; }, 100ms);
      outcome = d.commit(window_of({value}, next + 1, "again" + value + "." + std::to_string(tries)));
    }
    EXPECT_EQ(outcome, commit_outcome::committed);
    ++next;
  }
  EXPECT_THAT(results(), ElementsAre("0", "1", "2"));
}

TEST_F(unknown_outcome_test, a_broker_frozen_for_longer_than_a_transaction_lives_loses_nothing) {
  session_driver d{settings_};
  d.open();
  ASSERT_TRUE(d.wait_for_records(10));
  ASSERT_EQ(d.commit(window_of({"0"}, 1, "w1")), commit_outcome::committed);
  shared().broker.freeze();
  std::thread thaw([] {
    std::this_thread::sleep_for(5s);
    shared().broker.thaw();
  });
  auto outcome = d.commit(window_of({"1"}, 2, "w2"));
  thaw.join();
  for (int tries = 0; tries < 50 && outcome == commit_outcome::not_committed; ++tries) {
    d.poll_until([] { return false; }, 200ms);
    outcome = d.commit(window_of({"1"}, 2, "w2." + std::to_string(tries)));
  }
  EXPECT_EQ(outcome, commit_outcome::committed);
  EXPECT_THAT(results(), ElementsAre("0", "1"));
}

} // namespace
} // namespace chalkstream::test

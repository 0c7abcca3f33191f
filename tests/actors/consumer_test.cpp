#include "actors/consumer.hpp"

#include "core/commit_note.hpp"
#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"

#include <algorithm>

namespace chalkstream::test {

namespace {

// The test plays the engine: it takes what the consumer hands to the prepare stage and lands it with an answer.
class consumer_test : public doubles_fixture {
protected:
  consumer_test() {
    route_->probe = registry_.pipeline("test");
    settings_.route = route_;
    settings_.source = source_;
    settings_.sink = sink_;
    settings_.status = status_;
    settings_.instance = "test-0";
    settings_.time = &time_;
  }

  void TearDown() override {
    doubles_fixture::TearDown();
    EXPECT_EQ(broker_->violations(), std::vector<std::string>{});
  }

  void start() {
    consumer_ = spawn_state<consumer_state>(system(), settings_, who_, supervisor_);
    ends_with_the_test(consumer_);
    send(consumer_, tick{});
  }

  void start_with_all() {
    start();
    source_->assign_all();
    deliver_all();
  }

  void push(std::size_t n, std::int32_t partition = 0, std::optional<std::string> key = std::nullopt) {
    for (std::size_t i = 0; i < n; ++i)
      broker_->push(partition, key, "reply x");
    deliver_all();
  }

  /// What the consumer has handed on since the last call.
  flights handed_on() { return take(post_.prepare); }

  void land(flights batch) {
    for (const auto& f : batch)
      f->step = reply{std::string(f->input.key.value_or("")), "answer", {}, false};
    send(consumer_, flights_landed{batch_of(std::move(batch))});
  }

  void land_given_up(flights batch) { send(consumer_, flights_landed{batch_of(std::move(batch))}); }

  std::size_t published() const { return broker_->outputs().size(); }

  bool has_been_late(int times) const {
    return registry_.expose().find("chalkstream_deadline_missed_total{pipeline=\"test\",action=\"late\"} "
                                   + std::to_string(times))
           != std::string::npos;
  }

  commit_note note_of(std::int32_t partition) const {
    const auto at = broker_->committed(partition);
    return at ? decode_commit_note(at->note, at->offset) : commit_note{};
  }

  /// What a life before has left at this partition's beginning.
  void left_behind(std::int32_t partition, std::uint32_t level) {
    commit_note note;
    note.level = level;
    note.suspect_until = 100;
    broker_->commit({{}, {{partition, 0, encode(note, 0)}}});
  }

  std::shared_ptr<fake_broker> broker_ = std::make_shared<fake_broker>(2);
  std::shared_ptr<fake_source> source_ = std::make_shared<fake_source>(broker_);
  std::shared_ptr<fake_sink> sink_ = std::make_shared<fake_sink>(broker_);
  std::shared_ptr<consumer_status> status_ = std::make_shared<consumer_status>();
  monitoring::registry registry_;
  consumer_settings settings_;
  consumer_actor consumer_;
};

// The note's level of a life in which one record at a time was run.
constexpr std::uint32_t one_at_a_time = crash_guard::last_level + 1;

} // namespace

// -- reading -----------------------------------------------------------------------------

TEST_F(consumer_test, reads_no_more_than_its_credit) {
  settings_.max_records = 5;
  start_with_all();
  push(20);
  auto got = handed_on();
  ASSERT_EQ(got.size(), 5U);
  land({got[0], got[1]});
  pass(200ms);
  EXPECT_EQ(published(), 2U);
  EXPECT_EQ(handed_on().size(), 2U);
  EXPECT_EQ(post_.prepare.size(), 0U);
}

TEST_F(consumer_test, stops_reading_when_the_bytes_are_used_up) {
  settings_.max_bytes = 10; // a record has 7
  start_with_all();
  push(1);
  push(1);
  push(1);
  EXPECT_EQ(handed_on().size(), 2U);
  pass(500ms);
  EXPECT_EQ(handed_on().size(), 0U);
}

TEST_F(consumer_test, hands_a_poll_on_in_one_message) {
  start();
  push(700);
  source_->assign_all();
  deliver_all();
  EXPECT_EQ(post_.prepare.size(), 1U);
  EXPECT_EQ(handed_on().size(), 700U);
}

TEST_F(consumer_test, without_credit_it_holds_first_and_pauses_after_a_second) {
  settings_.max_records = 2;
  start_with_all();
  push(5);
  const auto got = handed_on();
  ASSERT_EQ(got.size(), 2U);
  pass(900ms);
  EXPECT_EQ(source_->pauses(), 0U);
  pass(300ms);
  EXPECT_TRUE(source_->paused());
  const auto polls = source_->polls();
  pass(300ms);
  EXPECT_GT(source_->polls(), polls) << "a paused source must be polled on";
  land(got);
  EXPECT_FALSE(source_->paused());
  EXPECT_EQ(handed_on().size(), 2U);
}

TEST_F(consumer_test, skips_what_was_published_in_an_earlier_life) {
  push(5);
  commit_note note;
  note.finished = {{2, 4}};
  broker_->commit({{}, {{0, 0, encode(note, 0)}}});
  // Their results, so that the broker's books are in order.
  output two, three;
  two.offset = 2;
  three.offset = 3;
  broker_->commit({{two, three}, {}});
  start_with_all();
  const auto got = handed_on();
  ASSERT_EQ(got.size(), 3U);
  land(got);
  pass(200ms);
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
  EXPECT_EQ(broker_->committed(0)->offset, 5);
}

// -- windows -----------------------------------------------------------------------------

TEST_F(consumer_test, commits_at_once_when_nothing_else_is_in_flight) {
  start_with_all();
  push(3);
  land(handed_on());
  EXPECT_EQ(published(), 3U);
  EXPECT_EQ(broker_->committed(0)->offset, 3);
}

TEST_F(consumer_test, commits_by_time_while_others_are_in_flight) {
  settings_.commit.interval = 100ms;
  sink_->on_commit([this](const commit_window&) { time_.advance(50ms); });
  start_with_all();
  push(40);                     // a backlog: the window stays open for the interval
  const auto got = handed_on(); // the takeover was the commit the interval counts from
  land({got[0]});
  EXPECT_EQ(published(), 0U);
  pass(90ms);
  EXPECT_EQ(published(), 0U);
  pass(20ms);
  EXPECT_EQ(published(), 1U);
}

TEST_F(consumer_test, commits_by_count_before_it_is_time) {
  settings_.commit.interval = 100ms;
  settings_.commit.max_records = 3;
  sink_->on_commit([this](const commit_window&) { time_.advance(50ms); });
  start_with_all();
  push(5);
  const auto got = handed_on();
  land({got[0], got[1]});
  EXPECT_EQ(published(), 0U);
  land({got[2]});
  EXPECT_EQ(published(), 3U);
}

TEST_F(consumer_test, keeps_the_order_of_a_key_and_lets_other_keys_pass) {
  start_with_all();
  push(2, 0, "a");
  push(1, 0, "b");
  const auto got = handed_on();
  land({got[1], got[2]});
  pass(200ms);
  EXPECT_EQ(published(), 1U) << "b only";
  land({got[0]});
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(consumer_test, tries_a_window_that_was_not_committed_again_and_publishes_nothing_twice) {
  start_with_all();
  push(3);
  const auto got = handed_on();
  sink_->fail_next(2);
  land({got[0], got[1]});
  EXPECT_EQ(published(), 0U);
  land({got[2]});
  EXPECT_EQ(sink_->attempts(), 2U) << "the takeover and one window: the next try comes after a pause";
  pass(1s);
  EXPECT_EQ(published(), 3U);
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(consumer_test, says_when_commits_keep_failing_and_reads_nothing_meanwhile) {
  start_with_all();
  push(1);
  sink_->cork();
  land(handed_on());
  push(5);
  pass(5s);
  EXPECT_TRUE(status_->stalled.load());
  EXPECT_EQ(handed_on().size(), 0U);
  sink_->uncork();
  pass(3s);
  EXPECT_FALSE(status_->stalled.load());
  EXPECT_EQ(published(), 1U);
  EXPECT_EQ(handed_on().size(), 5U);
}

TEST_F(consumer_test, counts_an_answer_after_its_deadline_as_late_once) {
  start_with_all();
  push(2);
  const auto got = handed_on();
  got[0]->deadline = time_.now() + 10ms;
  got[1]->deadline = time_.now() + 1s;
  pass(20ms);
  land(got);
  EXPECT_EQ(published(), 2U);
  EXPECT_TRUE(has_been_late(1)) << registry_.expose();
}

TEST_F(consumer_test, an_answer_in_time_is_late_when_its_result_is_published_too_late) {
  start_with_all();
  push(1);
  const auto got = handed_on();
  got[0]->deadline = time_.now() + 30ms;
  sink_->fail_next(1);
  land(got);
  EXPECT_TRUE(has_been_late(0)) << registry_.expose();
  pass(1s);
  EXPECT_EQ(published(), 1U);
  EXPECT_TRUE(has_been_late(1)) << registry_.expose();
}

TEST_F(consumer_test, a_result_that_is_never_published_is_not_late) {
  start_with_all();
  push(1);
  const auto got = handed_on();
  got[0]->deadline = time_.now() + 30ms;
  pass(100ms);
  sink_->cork();
  land(got);
  source_->lose({0});
  pass(1s);
  EXPECT_TRUE(has_been_late(0)) << registry_.expose();
}

// -- assignment --------------------------------------------------------------------------

TEST_F(consumer_test, leaves_a_trace_before_the_first_record_of_a_partition_runs) {
  start_with_all();
  EXPECT_EQ(sink_->attempts(), 0U);
  bool ran_before = false;
  sink_->on_commit([&](const commit_window&) { ran_before = ran_before || !post_.prepare.empty(); });
  push(2);
  EXPECT_EQ(sink_->attempts(), 1U);
  EXPECT_FALSE(ran_before);
  EXPECT_EQ(note_of(0).level, 1U);
  EXPECT_FALSE(broker_->committed(1)) << "nothing of it runs";
}

TEST_F(consumer_test, partitions_that_begin_together_leave_their_traces_in_one_commit) {
  push(1, 0);
  push(1, 1);
  start_with_all();
  EXPECT_EQ(sink_->attempts(), 1U);
  EXPECT_EQ(note_of(0).level, 1U);
  EXPECT_EQ(note_of(1).level, 1U);
}

TEST_F(consumer_test, a_revoke_finishes_what_is_in_the_engine_commits_hands_over_and_releases) {
  start_with_all();
  push(3);
  const auto got = handed_on();
  source_->revoke({0});
  deliver_all();
  EXPECT_TRUE(got[0]->ending());
  EXPECT_EQ(post_.purges, 1U);
  EXPECT_TRUE(source_->released().empty());
  land_given_up({got[2]});
  land({got[0]});
  EXPECT_TRUE(source_->released().empty());
  land({got[1]});
  EXPECT_EQ(source_->released(), std::vector{0});
  EXPECT_EQ(published(), 2U);
  EXPECT_EQ(broker_->committed(0)->offset, 2);
  EXPECT_EQ(note_of(0).level, 0U) << "handed back in order";
}

TEST_F(consumer_test, a_revoke_ends_with_its_grace_and_late_results_are_dropped) {
  settings_.revoke_grace = 500ms;
  settings_.max_records = 3;
  start_with_all();
  push(3);
  const auto got = handed_on();
  source_->revoke({0});
  deliver_all();
  land({got[0]});
  pass(600ms);
  EXPECT_EQ(source_->released(), std::vector{0});
  EXPECT_EQ(published(), 1U);
  const auto attempts = sink_->attempts();
  land({got[1], got[2]});
  pass(1s);
  EXPECT_EQ(sink_->attempts(), attempts);
  EXPECT_EQ(published(), 1U);
  push(3, 1);
  EXPECT_EQ(handed_on().size(), 3U) << "their credit is back";
}

TEST_F(consumer_test, commits_nothing_for_a_partition_it_lost) {
  settings_.max_records = 6;
  start_with_all();
  push(4);
  push(2, 1);
  const auto got = handed_on();
  ASSERT_EQ(got.size(), 6U);
  sink_->fail_next(1);
  land({got[0], got[4]}); // in a window of unknown fate
  source_->lose({0});
  deliver_all();
  land({got[1], got[2], got[3]});
  pass(2s);
  for (const auto& o : broker_->outputs())
    EXPECT_EQ(o.partition, 1);
  EXPECT_EQ(broker_->committed(0)->offset, 0);
  EXPECT_EQ(published(), 1U);
  EXPECT_TRUE(source_->released().empty());
  push(9, 1);
  EXPECT_EQ(handed_on().size(), 5U) << "all credit but one record's is back";
}

TEST_F(consumer_test, a_partition_assigned_again_without_warning_starts_over_and_costs_no_credit) {
  settings_.max_records = 4;
  start_with_all();
  push(4);
  const auto before = handed_on();
  land({before[1]}); // published beyond the offset
  source_->assign({0});
  deliver_all();
  land({before[0], before[2]});
  land_given_up({before[3]});
  pass(100ms);
  const auto again = handed_on();
  EXPECT_EQ(again.size(), 3U);
  land(again);
  pass(200ms);
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
  push(9);
  EXPECT_EQ(handed_on().size(), 4U);
}

// -- after crashes -----------------------------------------------------------------------

TEST_F(consumer_test, a_record_that_killed_its_process_alone_becomes_a_dead_letter_without_being_run) {
  push(3);
  left_behind(0, one_at_a_time);
  start_with_all();
  const auto dead = broker_->outputs(destination::dead_letters);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].offset, 0);
  EXPECT_EQ(dead[0].header_value("chalkstream_reason"), "crashed_process");
  EXPECT_EQ(dead[0].header_value("chalkstream_attempt"), "6");
  std::vector<std::int64_t> ran;
  for (auto got = handed_on(); !got.empty(); got = handed_on()) {
    ASSERT_EQ(got.size(), 1U);
    ran.push_back(got[0]->input.offset);
    land(got);
    pass(200ms);
  }
  EXPECT_EQ(ran, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(consumer_test, a_record_on_trial_runs_alone_in_the_whole_consumer) {
  push(3, 0);
  push(3, 1);
  left_behind(0, one_at_a_time - 1);
  start_with_all();
  std::vector<std::int32_t> ran;
  bool on_trial = true;
  for (auto got = handed_on(); !got.empty(); got = handed_on()) {
    for (const auto& f : got)
      ran.push_back(f->input.partition);
    if (got[0]->input.partition == 0 && on_trial) {
      EXPECT_EQ(got.size(), 1U);
      on_trial = false;
    }
    land(got);
    pass(200ms);
  }
  EXPECT_EQ(ran.size(), 6U);
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(consumer_test, a_trial_waits_for_the_records_of_a_partition_that_was_lost) {
  start();
  source_->assign({0});
  push(1, 0);
  const auto of_the_lost = handed_on();
  ASSERT_EQ(of_the_lost.size(), 1U);
  source_->lose({0});
  left_behind(1, one_at_a_time - 1);
  source_->assign({1});
  push(1, 1);
  pass(200ms);
  EXPECT_EQ(handed_on().size(), 0U);
  land_given_up(of_the_lost);
  pass(100ms);
  EXPECT_EQ(handed_on().size(), 1U);
}

TEST_F(consumer_test, parked_records_go_on_when_the_partition_on_trial_is_lost) {
  left_behind(0, one_at_a_time - 1);
  start_with_all();
  push(1, 0);
  const auto on_trial = handed_on();
  ASSERT_EQ(on_trial.size(), 1U);
  push(2, 1);
  EXPECT_EQ(handed_on().size(), 0U);
  source_->lose({0});
  deliver_all();
  EXPECT_EQ(handed_on().size(), 2U);
}

TEST_F(consumer_test, parked_records_go_on_when_the_partition_on_trial_is_handed_back) {
  settings_.revoke_grace = 500ms;
  left_behind(0, one_at_a_time - 1);
  start_with_all();
  push(1, 0);
  ASSERT_EQ(handed_on().size(), 1U);
  push(2, 1);
  source_->revoke({0});
  deliver_all();
  EXPECT_EQ(handed_on().size(), 0U);
  pass(600ms);
  EXPECT_EQ(source_->released(), std::vector{0});
  EXPECT_EQ(handed_on().size(), 2U);
}

TEST_F(consumer_test, records_that_wait_for_a_trial_do_not_keep_its_window_open) {
  sink_->on_commit([this](const commit_window&) { time_.advance(50ms); });
  left_behind(0, one_at_a_time - 1);
  start_with_all();
  push(3, 0);
  const auto on_trial = handed_on();
  ASSERT_EQ(on_trial.size(), 1U);
  land(on_trial);
  EXPECT_EQ(published(), 1U);
}

TEST_F(consumer_test, parked_records_give_their_credit_back_when_their_partition_goes) {
  settings_.max_records = 4;
  left_behind(0, one_at_a_time - 1);
  start_with_all();
  push(4, 0);
  ASSERT_EQ(handed_on().size(), 1U);
  source_->lose({0});
  push(9, 1);
  pass(1500ms); // without credit it looks no sooner
  EXPECT_EQ(handed_on().size(), 3U) << "one is still out in the engine";
}

// -- the end -----------------------------------------------------------------------------

TEST_F(consumer_test, a_drain_finishes_commits_hands_over_and_closes) {
  start_with_all();
  push(2);
  const auto got = handed_on();
  send(consumer_, drain{5s});
  push(3);
  EXPECT_EQ(handed_on().size(), 0U);
  EXPECT_TRUE(post_.closed.empty());
  land({got[0]});
  land_given_up({got[1]});
  ASSERT_EQ(post_.closed.size(), 1U);
  EXPECT_FALSE(post_.closed[0].failure);
  EXPECT_TRUE(source_->closed());
  EXPECT_TRUE(sink_->closed());
  EXPECT_EQ(broker_->committed(0)->offset, 1);
  EXPECT_EQ(note_of(0).level, 0U);
}

TEST_F(consumer_test, a_drain_ends_with_its_grace_whatever_is_still_in_the_engine) {
  start_with_all();
  push(2);
  const auto got = handed_on();
  land({got[0]});
  send(consumer_, drain{500ms});
  pass(400ms);
  EXPECT_TRUE(post_.closed.empty());
  pass(200ms);
  ASSERT_EQ(post_.closed.size(), 1U);
  EXPECT_EQ(broker_->committed(0)->offset, 1);
}

TEST_F(consumer_test, a_drain_ends_though_commits_keep_failing) {
  start_with_all();
  push(1);
  const auto got = handed_on();
  sink_->cork();
  land(got);
  send(consumer_, drain{500ms});
  pass(600ms);
  ASSERT_EQ(post_.closed.size(), 1U);
  EXPECT_EQ(published(), 0U);
}

TEST_F(consumer_test, the_shortest_of_several_drains_counts) {
  start_with_all();
  push(1);
  ASSERT_EQ(handed_on().size(), 1U);
  send(consumer_, drain{1h});
  pass(100ms);
  EXPECT_TRUE(post_.closed.empty());
  send(consumer_, drain{0s});
  EXPECT_EQ(post_.closed.size(), 1U);
}

TEST_F(consumer_test, an_assignment_that_comes_during_a_drain_does_not_keep_it_from_ending) {
  start();
  source_->assign({0});
  deliver_all();
  push(1);
  const auto got = handed_on();
  send(consumer_, drain{5s});
  source_->assign({1});
  deliver_all();
  pass(100ms);
  land(got);
  pass(100ms);
  EXPECT_EQ(post_.closed.size(), 1U);
}

TEST_F(consumer_test, a_drain_before_the_start_closes_at_once) {
  consumer_ = spawn_state<consumer_state>(system(), settings_, who_, supervisor_);
  send(consumer_, drain{5s});
  EXPECT_EQ(post_.closed.size(), 1U);
}

TEST_F(consumer_test, a_source_that_ended_closes_the_consumer_when_all_of_it_is_committed) {
  start_with_all();
  push(3);
  source_->end();
  deliver_all();
  const auto got = handed_on();
  land({got[0], got[1]});
  pass(200ms);
  EXPECT_TRUE(post_.closed.empty());
  land({got[2]});
  ASSERT_EQ(post_.closed.size(), 1U);
  EXPECT_FALSE(post_.closed[0].failure);
  EXPECT_TRUE(status_->ended.load());
  EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(consumer_test, a_sink_that_cannot_keep_the_promise_closes_it_with_a_failure) {
  start_with_all();
  push(2);
  const auto got = handed_on();
  sink_->fail_with({errc::fenced, "another instance"});
  land(got);
  ASSERT_EQ(post_.closed.size(), 1U);
  ASSERT_TRUE(post_.closed[0].failure);
  EXPECT_EQ(post_.closed[0].failure->code, errc::fenced);
  EXPECT_EQ(published(), 0U);
}

TEST_F(consumer_test, a_sink_that_fails_at_the_takeover_lets_nothing_run) {
  push(3, 0);
  push(3, 1);
  sink_->fail_with({errc::fenced, "another instance"});
  start_with_all();
  ASSERT_EQ(post_.closed.size(), 1U);
  EXPECT_EQ(handed_on().size(), 0U);
  EXPECT_EQ(sink_->attempts(), 1U) << "a closed sink is left alone";
}

TEST_F(consumer_test, a_source_that_fails_closes_it_with_a_failure) {
  start_with_all();
  source_->fail_next_poll({errc::io, "gone"});
  deliver_all();
  ASSERT_EQ(post_.closed.size(), 1U);
  ASSERT_TRUE(post_.closed[0].failure);
  EXPECT_EQ(post_.closed[0].failure->code, errc::io);
}

TEST_F(consumer_test, a_source_or_sink_that_does_not_open_closes_it_with_a_failure) {
  sink_->fail_open({errc::unavailable, "no broker"});
  start();
  ASSERT_EQ(post_.closed.size(), 1U);
  EXPECT_TRUE(post_.closed[0].failure);
  EXPECT_FALSE(source_->is_open());
}

TEST_F(consumer_test, says_when_it_has_joined_even_with_nothing_assigned) {
  start();
  EXPECT_FALSE(status_->joined.load());
  source_->assign({});
  deliver_all();
  EXPECT_TRUE(status_->joined.load());
}

} // namespace chalkstream::test

// The fakes must keep the ports' contracts, or tests built on them prove nothing.
#include "tests/support/collecting_log.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_task.hpp"
#include "tests/support/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace chalkstream::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::int64_t> offsets(const intake& brought) {
  std::vector<std::int64_t> found;
  for (const auto& r : brought.records)
    found.push_back(r.offset);
  return found;
}

class support_test : public ::testing::Test {
protected:
  intake poll(fake_source& source, std::size_t max_records = 100) { return source.poll(max_records).value(); }

  output result_of(std::int64_t offset) {
    output out;
    out.value = "v";
    out.offset = offset;
    return out;
  }

  std::shared_ptr<fake_broker> broker_ = std::make_shared<fake_broker>(2);
};

TEST_F(support_test, a_record_keeps_its_bytes_alive_in_every_copy) {
  std::optional<record> made = make_record(1, 7, "key", std::nullopt, {{"h", "x"}, {"n", std::nullopt}});
  const auto copy = *made;
  made.reset();
  EXPECT_EQ(copy.key, "key");
  EXPECT_FALSE(copy.value);
  EXPECT_EQ(copy.headers.at(0).value, "x");
  EXPECT_FALSE(copy.headers.at(1).value);
  EXPECT_EQ(copy.bytes(), 6u);
}

TEST_F(support_test, a_source_brings_records_of_assigned_partitions_only_and_tells_when_there_are_some) {
  fake_source source(broker_);
  int calls = 0;
  ASSERT_TRUE(source.open([&] { ++calls; }));
  EXPECT_FALSE(poll(source).joined);
  broker_->push(0, "a", "1");
  broker_->push(1, "a", "2");
  EXPECT_EQ(calls, 2);
  EXPECT_THAT(poll(source).records, IsEmpty());
  source.assign({1});
  const auto brought = poll(source);
  EXPECT_TRUE(brought.joined);
  ASSERT_EQ(brought.assigned.size(), 1u);
  EXPECT_EQ(brought.assigned[0].committed, -1);
  ASSERT_EQ(brought.records.size(), 1u);
  EXPECT_EQ(brought.records[0].value, "2");
  EXPECT_THAT(poll(source).records, IsEmpty());
}

TEST_F(support_test, a_paused_source_brings_news_but_no_records) {
  fake_source source(broker_);
  ASSERT_TRUE(source.open([] {}));
  broker_->push(0, {}, "1");
  source.pause();
  source.assign_all();
  const auto brought = poll(source);
  EXPECT_EQ(brought.assigned.size(), 2u);
  EXPECT_THAT(brought.records, IsEmpty());
  EXPECT_EQ(source.lag(), 1);
  source.resume();
  EXPECT_EQ(poll(source).records.size(), 1u);
  EXPECT_EQ(source.lag(), 0);
}

TEST_F(support_test, a_small_poll_starves_no_partition) {
  fake_source source(broker_);
  ASSERT_TRUE(source.open([] {}));
  for (int i = 0; i < 3; ++i)
    for (const auto p : {0, 1})
      broker_->push(p, {}, "v");
  source.assign_all();
  std::map<std::int32_t, int> seen;
  for (int i = 0; i < 4; ++i)
    for (const auto& r : poll(source, 1).records)
      ++seen[r.partition];
  EXPECT_EQ(seen[0], 2);
  EXPECT_EQ(seen[1], 2);
}

TEST_F(support_test, records_of_a_revoked_or_lost_partition_stop_at_once) {
  fake_source source(broker_);
  ASSERT_TRUE(source.open([] {}));
  source.assign_all();
  poll(source);
  broker_->push(0, {}, "v");
  broker_->push(1, {}, "v");
  source.revoke({0});
  source.lose({1});
  const auto brought = poll(source);
  EXPECT_THAT(brought.revoking, ElementsAre(0));
  EXPECT_THAT(brought.lost, ElementsAre(1));
  EXPECT_THAT(brought.records, IsEmpty());
  source.release(brought.revoking);
  EXPECT_THAT(source.released(), ElementsAre(0));
}

TEST_F(support_test, a_second_life_reads_on_from_what_the_first_committed) {
  for (int i = 0; i < 4; ++i)
    broker_->push(0, {}, "v");
  fake_sink sink(broker_);
  ASSERT_TRUE(sink.open());
  ASSERT_EQ(*sink.commit({{result_of(0), result_of(1)}, {{0, 2, "note"}}}), commit_outcome::committed);
  fake_source source(broker_);
  ASSERT_TRUE(source.open([] {}));
  source.assign({0});
  const auto brought = poll(source);
  EXPECT_EQ(brought.assigned.at(0).committed, 2);
  EXPECT_EQ(brought.assigned.at(0).note, "note");
  EXPECT_THAT(offsets(brought), ElementsAre(2, 3));
}

TEST_F(support_test, a_source_ends_when_all_has_been_read) {
  fake_source source(broker_);
  ASSERT_TRUE(source.open([] {}));
  source.assign({0});
  broker_->push(0, {}, "v");
  broker_->push(0, {}, "v");
  source.end();
  EXPECT_FALSE(poll(source, 1).ended);
  EXPECT_TRUE(poll(source, 1).ended);
}

TEST_F(support_test, a_sink_fails_as_often_as_told_and_commits_nothing_meanwhile) {
  fake_sink sink(broker_);
  broker_->push(0, {}, "v");
  const commit_window window{{result_of(0)}, {{0, 1, ""}}};
  sink.fail_next(2);
  EXPECT_EQ(*sink.commit(window), commit_outcome::not_committed);
  EXPECT_EQ(*sink.commit(window), commit_outcome::not_committed);
  sink.cork();
  EXPECT_EQ(*sink.commit(window), commit_outcome::not_committed);
  sink.uncork();
  sink.fail_with({errc::fenced, "another instance"});
  EXPECT_EQ(sink.commit(window).error().code, errc::fenced);
  EXPECT_THAT(broker_->outputs(), IsEmpty());
  EXPECT_FALSE(broker_->committed(0));
  EXPECT_EQ(*sink.commit(window), commit_outcome::committed);
  EXPECT_EQ(broker_->outputs().size(), 1u);
  EXPECT_EQ(sink.attempts(), 5u);
}

TEST_F(support_test, a_blocked_sink_holds_its_caller) {
  fake_sink sink(broker_);
  broker_->push(0, {}, "v");
  sink.block();
  std::thread caller([&] { EXPECT_TRUE(sink.commit({{result_of(0)}, {{0, 1, ""}}})); });
  EXPECT_TRUE(sink.wait_until_blocked());
  EXPECT_THAT(broker_->outputs(), IsEmpty());
  sink.unblock();
  caller.join();
  EXPECT_EQ(broker_->outputs().size(), 1u);
}

TEST_F(support_test, the_broker_names_every_broken_promise) {
  for (int i = 0; i < 3; ++i)
    broker_->push(0, "k", "v");
  broker_->commit({{result_of(1)}, {{0, 2, ""}}});
  EXPECT_THAT(broker_->violations(), ElementsAre(HasSubstr("lost: 0/0")));
  broker_->commit({{result_of(0)}, {{0, 1, ""}}});
  EXPECT_THAT(broker_->violations(), ElementsAre(HasSubstr("backwards"), HasSubstr("out of order")));
  broker_->commit({{result_of(0), result_of(9)}, {{0, 99, std::string(4097, 'n')}}});
  EXPECT_THAT(broker_->violations(),
              ElementsAre(HasSubstr("backwards"), HasSubstr("beyond the end"), HasSubstr("4097 bytes"),
                          HasSubstr("out of order"), HasSubstr("twice: 0/0"), HasSubstr("without a record: 0/9"),
                          HasSubstr("lost: 0/2")));
  EXPECT_THAT(broker_->violations_at_the_end(), ::testing::Contains(HasSubstr("without an output: 0/2")));
}

TEST_F(support_test, a_models_rows_depend_on_their_own_ids_alone) {
  const fake_model model("m", 3);
  const sequence a{{1000, 1001}, {}};
  const sequence b{{1002}, {}};
  const auto alone = model.run(std::vector{&b}, nullptr).value();
  crew helpers(2);
  const auto together = model.run(std::vector{&a, &b}, &helpers).value();
  EXPECT_EQ(alone.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(alone.row(0), together.row(1)));
  EXPECT_FALSE(std::ranges::equal(together.row(0), together.row(1)));
  EXPECT_TRUE(std::ranges::equal(together.row(0), fake_model::row_for(a, 3)));
  ASSERT_EQ(model.calls(), 2u);
  EXPECT_EQ(model.batches()[1].tokens, 3u);
  EXPECT_FALSE(model.batches()[0].helped);
  EXPECT_TRUE(model.batches()[1].helped);
}

TEST_F(support_test, a_model_fails_on_its_markers_for_the_whole_batch) {
  fake_model model;
  const sequence good{{1000}, {}};
  const sequence bad{{fake_model::failing_id}, {}};
  const sequence hungry{{fake_model::memory_hungry_id}, {}};
  const sequence rude{{1000, fake_model::throwing_id}, {}};
  EXPECT_EQ(model.run(std::vector{&good, &bad}, nullptr).error().code, errc::internal);
  EXPECT_EQ(model.run(std::vector{&good, &hungry}, nullptr).error().code, errc::out_of_memory);
  EXPECT_TRUE(model.run(std::vector{&hungry}, nullptr));
  EXPECT_THROW(static_cast<void>(model.run(std::vector{&rude}, nullptr)), std::runtime_error);
  model.run_out_of_memory_over(1);
  EXPECT_EQ(model.run(std::vector{&good, &good}, nullptr).error().code, errc::out_of_memory);
  EXPECT_TRUE(model.run(std::vector{&good}, nullptr));
}

TEST_F(support_test, a_held_model_shows_how_many_run_at_once) {
  fake_model model;
  const sequence s{{1000}, {}};
  model.hold();
  std::thread one([&] { EXPECT_TRUE(model.run(std::vector{&s}, nullptr)); });
  std::thread two([&] { EXPECT_TRUE(model.run(std::vector{&s}, nullptr)); });
  EXPECT_TRUE(model.wait_until_running(2));
  model.let_go();
  one.join();
  two.join();
  EXPECT_EQ(model.peak(), 2u);
}

TEST_F(support_test, a_task_does_what_the_value_says) {
  const fake_task task;
  const auto step = [&](std::optional<std::string> value) { return task.prepare(make_record(0, 0, "k", value)); };
  EXPECT_EQ(std::get<reply>(step("reply two words")).value, "two words");
  EXPECT_EQ(std::get<rejection>(step("reject too_deep")).reason, reject_reason::too_deep);
  EXPECT_EQ(std::get<rejection>(step(std::nullopt)).reason, reject_reason::empty_value);
  for (const auto* nonsense : {"", "work", "work x", "work 3 model", "{}"})
    EXPECT_EQ(std::get<rejection>(step(nonsense)).reason, reject_reason::malformed_json) << nonsense;
  EXPECT_THROW(step("throw"), std::runtime_error);
  const auto asked = std::get<work>(step("work 5 model=1 id=2 sequences=3 urgency=exam deadline=250"));
  EXPECT_EQ(asked.tokens(), 15u);
  EXPECT_EQ(asked.model, 1u);
  EXPECT_EQ(asked.sequences.at(2).ids.front(), fake_model::throwing_id);
  EXPECT_EQ(asked.urgency, priority::exam);
  EXPECT_EQ(asked.deadline, wall_time{std::chrono::milliseconds(250)});
}

TEST_F(support_test, a_task_of_several_steps_ends_in_the_reply_of_its_last) {
  const fake_task task;
  const fake_model model;
  const std::string value = "work 4 steps=3";
  const auto input = make_record(0, 0, "k", value);
  auto step = task.prepare(input);
  int runs = 0;
  while (auto* asked = std::get_if<work>(&step)) {
    const auto rows = model.run(std::vector<const sequence*>{&asked->sequences.at(0)}, nullptr).value();
    step = task.complete(input, std::move(*asked), rows, {});
    ASSERT_LE(++runs, 3);
  }
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(std::get<reply>(step).key, "k");
  EXPECT_EQ(std::get<reply>(step).value, fake_task::reply_to(value));
}

TEST_F(support_test, a_log_remembers) {
  collecting_log log;
  log.warning("here", "something is odd");
  EXPECT_TRUE(log.contains("odd"));
  EXPECT_EQ(log.count(log_level::warning), 1u);
  EXPECT_EQ(log.count(log_level::error), 0u);
  EXPECT_EQ(log.lines().at(0).component, "here");
}

} // namespace
} // namespace chalkstream::test

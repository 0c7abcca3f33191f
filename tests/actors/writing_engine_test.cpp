// A whole engine on real threads with a model that writes: every text once and right, through drains and revokes in
// the middle of it, with too little room, several slots and texts that fail.
#include "tests/actors/engine.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_task.hpp"
#include "tests/support/fake_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

namespace chalkstream::test {

namespace {

using namespace std::chrono_literals;

constexpr auto soon = 20s; // a bound, not a wait

class writing_engine_test : public ::testing::Test {
protected:
  struct life {
    std::shared_ptr<fake_source> source;
    std::shared_ptr<fake_sink> sink;
    std::shared_ptr<fake_writer> model;
    std::unique_ptr<engine> running;
  };

  life start(std::size_t room, std::chrono::milliseconds step = 0ms) {
    life l{std::make_shared<fake_source>(broker_), std::make_shared<fake_sink>(broker_),
           std::make_shared<fake_writer>(room), nullptr};
    l.model->take(step);
    auto plan = make_plan(l.model);
    plan.scheduler.devices.front().slots = 3;
    plan.scheduler.models[0].max_replicas = 3;
    add_consumer(plan, std::make_shared<fake_task>(), l.source, l.sink, "life-" + std::to_string(lives_++));
    plan.consumers[0].revoke_grace = 50ms;
    l.running = std::make_unique<engine>(std::move(plan));
    return l;
  }

  void push(std::size_t n, std::size_t longest, const std::string& extra = "") {
    for (std::size_t i = 0; i < n; ++i)
      broker_->push(static_cast<std::int32_t>(i % 4), "key-" + std::to_string(i % 7),
                    "work " + std::to_string(2 + i % 9) + " write=" + std::to_string(1 + (i * 7) % longest) + extra);
  }

  bool all_done() const { return broker_->outputs().size() == broker_->pushed(); }

  void expect_every_text_once() const {
    EXPECT_EQ(broker_->violations_at_the_end(), std::vector<std::string>{});
    std::map<std::pair<std::int32_t, std::int64_t>, std::size_t> seen;
    for (const auto& out : broker_->outputs()) {
      ++seen[std::pair{out.partition, out.offset}];
      const auto input = broker_->read(out.partition, out.offset, 1).at(0);
      if (out.to == destination::results) {
        EXPECT_EQ(*out.value, fake_task::reply_to(*input.value));
      }
    }
    EXPECT_EQ(seen.size(), broker_->pushed());
    for (const auto& [where, times] : seen)
      EXPECT_EQ(times, 1U);
  }

  std::shared_ptr<fake_broker> broker_ = std::make_shared<fake_broker>(4);
  std::size_t lives_ = 0;
};

} // namespace

TEST_F(writing_engine_test, writes_every_text_once_with_little_room_and_several_slots) {
  push(300, 25);
  auto l = start(6);
  l.source->assign_all();
  ASSERT_TRUE(eventually([this] { return all_done(); }));
  EXPECT_LE(l.model->peak(), 6U);
  l.running->drain(10s);
  ASSERT_TRUE(l.running->ended_within(soon));
  EXPECT_FALSE(l.running->failure());
  EXPECT_EQ(l.model->open(), 0U);
  expect_every_text_once();
}

TEST_F(writing_engine_test, texts_join_others_that_are_being_written) {
  push(200, 40);
  auto l = start(1000, 1ms);
  l.source->assign_all();
  ASSERT_TRUE(eventually([this] { return all_done(); }));
  bool joined = false;
  for (const auto& step : l.model->steps())
    joined |= std::count(step.numbers.begin(), step.numbers.end(), 1U) > 0
              && std::any_of(step.numbers.begin(), step.numbers.end(), [](auto n) { return n > 1; });
  EXPECT_TRUE(joined);
  l.running->drain(10s);
  ASSERT_TRUE(l.running->ended_within(soon));
  expect_every_text_once();
}

TEST_F(writing_engine_test, a_drain_in_the_middle_leaves_what_is_not_finished_to_the_next_process) {
  push(60, 400);
  {
    auto l = start(20, 1ms);
    l.source->assign_all();
    ASSERT_TRUE(eventually([&] { return l.model->steps().size() > 20; }));
    l.running->drain(10s);
    ASSERT_TRUE(l.running->ended_within(soon));
    EXPECT_FALSE(l.running->failure());
    EXPECT_LT(broker_->outputs().size(), broker_->pushed());
    EXPECT_EQ(l.model->open(), 0U) << "what was being written is dropped";
  }
  EXPECT_EQ(broker_->violations(), std::vector<std::string>{});
  auto next = start(1000);
  next.source->assign_all();
  ASSERT_TRUE(eventually([this] { return all_done(); }));
  next.running->drain(10s);
  ASSERT_TRUE(next.running->ended_within(soon));
  expect_every_text_once();
}

TEST_F(writing_engine_test, a_revoke_in_the_middle_drops_that_partition_alone) {
  push(80, 200);
  auto l = start(30, 1ms);
  l.source->assign_all();
  ASSERT_TRUE(eventually([&] { return l.model->steps().size() > 10; }));
  l.source->revoke({1, 2});
  ASSERT_TRUE(eventually([&] { return l.source->released().size() == 2; }));
  l.model->take(0ms);
  l.source->assign({1, 2});
  ASSERT_TRUE(eventually([this] { return all_done(); }));
  l.running->drain(10s);
  ASSERT_TRUE(l.running->ended_within(soon));
  EXPECT_EQ(l.model->open(), 0U);
  expect_every_text_once();
}

TEST_F(writing_engine_test, texts_that_fail_or_end_their_slot_become_dead_letters_and_the_others_are_written) {
  push(60, 12);
  push(3, 12, " id=1"); // of two tokens and more these fail
  push(3, 12, " id=2");
  push(2, 12, " id=3");
  auto l = start(8);
  l.source->assign_all();
  ASSERT_TRUE(eventually([this] { return all_done(); }));
  l.running->drain(10s);
  ASSERT_TRUE(l.running->ended_within(soon));
  EXPECT_EQ(l.model->open(), 0U);
  std::size_t dead = 0;
  for (const auto& out : broker_->outputs())
    dead += out.to == destination::dead_letters ? 1 : 0;
  EXPECT_EQ(dead, 6U) << "two of each failing three write a second token, and two are refused";
  expect_every_text_once();
}

} // namespace chalkstream::test

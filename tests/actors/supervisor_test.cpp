#include "actors/supervisor.hpp"

#include "core/commit_note.hpp"
#include "tests/actors/engine.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_task.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace chalkstream::test {

namespace {

using namespace std::chrono_literals;

constexpr auto soon = 20s; // a bound, not a wait

// Lets go at the end in any case: the end of the actor system waits for what runs.
struct held {
  explicit held(fake_model& m) : model(m) { model.hold(); }
  ~held() { model.let_go(); }
  fake_model& model;
};

class supervisor_test : public ::testing::Test {
protected:
  struct pipeline {
    std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>(2);
    std::shared_ptr<fake_source> source = std::make_shared<fake_source>(broker);
    std::shared_ptr<fake_sink> sink = std::make_shared<fake_sink>(broker);
    std::shared_ptr<actors::consumer_status> status;
  };

  actors::engine_plan plan_of(std::vector<pipeline*> pipelines) {
    auto plan = make_plan(model_);
    for (auto* p : pipelines)
      p->status = add_consumer(plan, task_, p->source, p->sink, "test-0");
    return plan;
  }

  static void push(pipeline& to, std::size_t n, const std::string& value) {
    for (std::size_t i = 0; i < n; ++i)
      to.broker->push(static_cast<std::int32_t>(i % 2), "key", value);
  }

  static bool done(const pipeline& p) { return p.broker->outputs().size() == p.broker->pushed(); }

  std::shared_ptr<fake_model> model_ = std::make_shared<fake_model>();
  std::shared_ptr<fake_task> task_ = std::make_shared<fake_task>();
  pipeline one_;
  pipeline two_;
};

} // namespace

TEST_F(supervisor_test, runs_two_pipelines_and_ends_in_order_when_drained) {
  engine engine(plan_of({&one_, &two_}));
  one_.source->assign_all();
  two_.source->assign_all();
  push(one_, 300, "work 5");
  push(two_, 300, "reply x");
  EXPECT_TRUE(eventually([this] { return done(one_) && done(two_); }));
  engine.drain(10s);
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_FALSE(engine.failure());
  EXPECT_EQ(engine.ends(), 1U);
  for (auto* p : {&one_, &two_}) {
    EXPECT_TRUE(p->source->closed());
    EXPECT_TRUE(p->sink->closed());
    EXPECT_EQ(p->broker->violations_at_the_end(), std::vector<std::string>{});
  }
}

TEST_F(supervisor_test, what_prepares_for_long_holds_up_nobody_else) {
  struct gated_task final : task {
    explicit gated_task(std::shared_future<void> opens) : gate(std::move(opens)) {}
    task_step prepare(const record&) const override {
      gate.wait();
      return reply{"key", "answer", {}, false};
    }
    bool prepares_long() const noexcept override { return true; }
    task_step complete(const record&, work, const output_rows&, const timing&) const override { return rejection{}; }
    std::shared_future<void> gate;
  };
  std::promise<void> gate;
  auto plan = make_plan(model_);
  one_.status = add_consumer(plan, std::make_shared<gated_task>(gate.get_future().share()), one_.source, one_.sink, "long");
  two_.status = add_consumer(plan, task_, two_.source, two_.sink, "short");
  engine engine(std::move(plan));
  one_.source->assign_all();
  push(one_, 200, "image");
  two_.source->assign_all();
  push(two_, 200, "reply x");
  EXPECT_TRUE(eventually([this] { return done(two_); }));
  EXPECT_TRUE(one_.broker->outputs().empty());
  gate.set_value();
  EXPECT_TRUE(eventually([this] { return done(one_); }));
  engine.drain(10s);
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_EQ(one_.broker->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(supervisor_test, who_waits_for_others_holds_up_nobody_who_only_takes_long) {
  struct waiting_task final : task {
    explicit waiting_task(std::shared_future<void> opens) : gate(std::move(opens)) {}
    task_step prepare(const record&) const override {
      ++inside;
      gate.wait();
      return reply{"key", "answer", {}, false};
    }
    bool prepares_long() const noexcept override { return true; }
    std::size_t waits_at_once() const noexcept override { return 5; }
    task_step complete(const record&, work, const output_rows&, const timing&) const override { return rejection{}; }
    std::shared_future<void> gate;
    mutable std::atomic<int> inside = 0;
  };
  struct long_task final : task {
    task_step prepare(const record&) const override { return reply{"key", "answer", {}, false}; }
    bool prepares_long() const noexcept override { return true; }
    task_step complete(const record&, work, const output_rows&, const timing&) const override { return rejection{}; }
  };
  std::promise<void> gate;
  const auto waits = std::make_shared<waiting_task>(gate.get_future().share());
  auto plan = make_plan(model_);
  one_.status = add_consumer(plan, waits, one_.source, one_.sink, "waiting");
  two_.status = add_consumer(plan, std::make_shared<long_task>(), two_.source, two_.sink, "long");
  engine engine(std::move(plan));
  one_.source->assign_all();
  push(one_, 200, "uri");
  EXPECT_TRUE(eventually([&] { return waits->inside == 5; }));
  two_.source->assign_all();
  push(two_, 200, "image");
  EXPECT_TRUE(eventually([this] { return done(two_); }));
  EXPECT_TRUE(one_.broker->outputs().empty());
  EXPECT_EQ(waits->inside, 5);
  gate.set_value();
  EXPECT_TRUE(eventually([this] { return done(one_); }));
  engine.drain(10s);
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_EQ(one_.broker->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(supervisor_test, who_waits_for_others_does_not_hold_up_the_end_and_is_read_again) {
  struct stuck_task final : task {
    explicit stuck_task(std::shared_future<void> opens) : gate(std::move(opens)) {}
    task_step prepare(const record&) const override {
      ++inside;
      gate.wait();
      return rejection{reject_reason::source_unavailable, stage::prepare, "given up"};
    }
    bool prepares_long() const noexcept override { return true; }
    std::size_t waits_at_once() const noexcept override { return 2; }
    task_step complete(const record&, work, const output_rows&, const timing&) const override { return rejection{}; }
    std::shared_future<void> gate;
    mutable std::atomic<int> inside = 0;
  };
  std::promise<void> gate;
  const auto stuck = std::make_shared<stuck_task>(gate.get_future().share());
  auto plan = make_plan(model_);
  one_.status = add_consumer(plan, stuck, one_.source, one_.sink, "stuck");
  {
    engine engine(std::move(plan));
    one_.source->assign_all();
    push(one_, 10, "uri");
    EXPECT_TRUE(eventually([&] { return stuck->inside == 2; }));
    engine.drain(300ms);
    ASSERT_TRUE(engine.ended_within(soon));
    gate.set_value(); // as who ends the transfers does, once the engine has ended
  }
  EXPECT_EQ(stuck->inside, 2);
  EXPECT_TRUE(one_.broker->outputs().empty()); // no dead letter: whoever comes next reads them
  EXPECT_EQ(one_.broker->violations(), std::vector<std::string>{});
}

TEST_F(supervisor_test, ends_by_itself_when_every_source_has_ended) {
  push(one_, 500, "work 3");
  engine engine(plan_of({&one_}));
  one_.source->assign_all();
  one_.source->end();
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_FALSE(engine.failure());
  EXPECT_TRUE(one_.status->ended.load());
  EXPECT_EQ(one_.broker->violations_at_the_end(), std::vector<std::string>{});
}

TEST_F(supervisor_test, a_drain_lets_what_is_on_a_device_finish) {
  engine engine(plan_of({&one_}));
  const held holding(*model_);
  one_.source->assign_all();
  push(one_, 4, "work 5");
  ASSERT_TRUE(model_->wait_until_running(1));
  engine.drain(10s);
  EXPECT_FALSE(engine.ended_within(200ms));
  model_->let_go();
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_FALSE(one_.broker->outputs().empty());
  EXPECT_EQ(one_.broker->violations(), std::vector<std::string>{});
}

TEST_F(supervisor_test, a_second_drain_may_shorten_the_first) {
  engine engine(plan_of({&one_}));
  const held holding(*model_);
  one_.source->assign_all();
  push(one_, 4, "work 5");
  ASSERT_TRUE(model_->wait_until_running(1));
  engine.drain(1h);
  EXPECT_FALSE(engine.ended_within(100ms));
  engine.drain(0s);
  EXPECT_TRUE(engine.ended_within(soon));
  EXPECT_TRUE(one_.broker->outputs().empty());
}

TEST_F(supervisor_test, a_drain_right_after_the_start_ends_it) {
  engine engine(plan_of({&one_, &two_}));
  engine.drain(1s);
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_FALSE(engine.failure());
}

TEST_F(supervisor_test, a_consumer_that_fails_takes_the_engine_with_it_and_the_others_hand_over_first) {
  engine engine(plan_of({&one_, &two_}));
  one_.source->assign_all();
  two_.source->assign_all();
  push(two_, 50, "work 5");
  ASSERT_TRUE(eventually([this] { return done(two_); }));
  one_.sink->fail_with({errc::fenced, "another instance"});
  push(one_, 1, "reply x");
  ASSERT_TRUE(engine.ended_within(soon));
  ASSERT_TRUE(engine.failure());
  EXPECT_EQ(engine.failure()->code, errc::fenced);
  EXPECT_TRUE(two_.source->closed());
  EXPECT_EQ(decode_commit_note(two_.broker->committed(0)->note, two_.broker->committed(0)->offset).level, 0U);
}

TEST_F(supervisor_test, a_consumer_that_dies_ends_the_engine_with_a_failure) {
  struct throwing_sink final : result_sink {
    result<void> open() override { return {}; }
    result<commit_outcome> commit(const commit_window&) override { throw std::runtime_error("a learner's answer"); }
    void close() override {}
  };
  auto plan = make_plan(model_);
  add_consumer(plan, task_, one_.source, std::make_shared<throwing_sink>(), "test-0");
  engine engine(std::move(plan));
  one_.source->assign_all();
  push(one_, 1, "reply x");
  ASSERT_TRUE(engine.ended_within(soon));
  ASSERT_TRUE(engine.failure());
  EXPECT_EQ(engine.failure()->code, errc::internal);
  EXPECT_NE(engine.failure()->message.find("consumer"), std::string::npos);
  EXPECT_EQ(engine.failure()->message.find("learner"), std::string::npos) << "an exception's text may quote a record";
}

TEST_F(supervisor_test, a_scheduler_that_dies_ends_the_engine_with_a_failure) {
  auto plan = plan_of({&one_});
  plan.scheduler.make_slot = [](caf::actor_system&, std::size_t, const actors::directory_ptr&,
                                const clock*) -> actors::slot_actor { throw std::runtime_error("no slot"); };
  engine engine(std::move(plan));
  one_.source->assign_all();
  push(one_, 3, "work 5");
  ASSERT_TRUE(engine.ended_within(soon));
  ASSERT_TRUE(engine.failure());
  EXPECT_NE(engine.failure()->message.find("scheduler"), std::string::npos);
  EXPECT_TRUE(one_.broker->outputs().empty());
}

TEST_F(supervisor_test, a_supervisor_that_dies_leaves_nobody_behind) {
  engine engine(plan_of({&one_}));
  one_.source->assign_all();
  push(one_, 10, "work 5");
  ASSERT_TRUE(eventually([this] { return done(one_); }));
  engine.kill_supervisor();
  ASSERT_TRUE(engine.ended_within(soon));
  EXPECT_TRUE(engine.failure());
  EXPECT_TRUE(eventually([this] { return one_.source->closed(); }));
}

TEST_F(supervisor_test, a_model_that_throws_costs_its_own_record_only) {
  engine engine(plan_of({&one_}));
  push(one_, 20, "work 5");
  push(one_, 1, "work 5 id=2");
  push(one_, 20, "work 5");
  one_.source->assign_all();
  EXPECT_TRUE(eventually([this] { return done(one_); }));
  const auto dead = one_.broker->outputs(destination::dead_letters);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].header_value("chalkstream_reason"), "model_failed");
  EXPECT_EQ(one_.broker->violations_at_the_end(), std::vector<std::string>{});
}

} // namespace chalkstream::test

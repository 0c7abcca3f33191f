// A death is shared by the whole process, its verdict is not: of two pipelines in one process that keeps dying, the
// guilty record is found and no record of the other pipeline pays for it.
#include "core/commit_note.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/actors/engine.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_task.hpp"
#include "tests/support/seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

namespace chalkstream::test {

namespace {

using ::testing::IsEmpty;
using place = std::tuple<std::size_t, std::int32_t, std::int64_t>; // pipeline, partition, offset

constexpr std::size_t pipeline_count = 2;
constexpr std::int32_t partition_count = 2;

// Ids that fake_model knows nothing of.
constexpr std::int32_t deadly_id = 4; // kills its process at once
constexpr std::int32_t lethal_id = 5; // kills it after a while
constexpr std::int32_t slow_id = 6;   // takes longer than that

using brokers = std::array<std::shared_ptr<fake_broker>, pipeline_count>;

// Whether a process lives. Once dead, nothing it does has an effect.
class pulse {
public:
  void stop() {
    const std::lock_guard lock(mutex_);
    dead_ = true;
  }

  bool stopped() const {
    const std::lock_guard lock(mutex_);
    return dead_;
  }

  bool commit(fake_broker& to, const commit_window& window) {
    const std::lock_guard lock(mutex_);
    if (!dead_)
      to.commit(window);
    return !dead_;
  }

private:
  mutable std::mutex mutex_;
  bool dead_ = false;
};

struct mortal_sink final : result_sink {
  mortal_sink(std::shared_ptr<fake_broker> to, std::shared_ptr<pulse> of) : to_(std::move(to)), of_(std::move(of)) {}

  result<void> open() override { return {}; }
  void close() override {}
  result<commit_outcome> commit(const commit_window& window) override {
    if (!of_->commit(*to_, window))
      return {errc::cancelled, "this process is dead"};
    return commit_outcome::committed;
  }

  std::shared_ptr<fake_broker> to_;
  std::shared_ptr<pulse> of_;
};

struct deadly_model final : model {
  explicit deadly_model(std::shared_ptr<pulse> of) : of_(std::move(of)) {}

  std::shared_ptr<const model_identity> identity() const override { return inner_.identity(); }
  std::size_t max_tokens() const noexcept override { return inner_.max_tokens(); }
  std::size_t output_width() const noexcept override { return inner_.output_width(); }
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override {
    for (const auto* s : batch)
      meet(s->ids.front());
    return inner_.run(batch, helpers);
  }

  void meet(std::int32_t id) const {
    if (id == slow_id)
      std::this_thread::sleep_for(20ms);
    if (id == lethal_id)
      std::this_thread::sleep_for(8ms);
    if (id == lethal_id || id == deadly_id)
      of_->stop();
  }

  std::shared_ptr<pulse> of_;
  fake_model inner_;
};

struct process {
  process(const brokers& around, int number) {
    auto plan = make_plan(std::make_shared<deadly_model>(alive));
    for (std::size_t i = 0; i < pipeline_count; ++i) {
      auto source = std::make_shared<fake_source>(around[i]);
      source->assign_all();
      add_consumer(plan, std::make_shared<fake_task>(), source, std::make_shared<mortal_sink>(around[i], alive),
                   "life-" + std::to_string(number) + "-" + std::to_string(i));
    }
    running.emplace(std::move(plan));
  }

  std::shared_ptr<pulse> alive = std::make_shared<pulse>();
  std::optional<engine> running;
};

class trial_test : public ::testing::Test {
protected:
  void SetUp() override { start_over(); }

  void start_over() {
    for (auto& b : brokers_)
      b = std::make_shared<fake_broker>(partition_count);
    lives_ = 0;
  }

  place push(std::size_t pipeline, std::int32_t partition, const std::string& value) {
    return {pipeline, partition, brokers_[pipeline]->push(partition, std::nullopt, value)};
  }

  /// Starts a process again whenever it has died, until every record has its output.
  bool live_until_done() {
    std::unique_ptr<process> now;
    const bool done = eventually(
        [&] {
          if (!now || now->alive->stopped())
            now = std::make_unique<process>(brokers_, ++lives_);
          return std::all_of(brokers_.begin(), brokers_.end(),
                             [](const auto& b) { return b->outputs().size() >= b->pushed(); });
        },
        60s);
    now->running->drain(10s);
    return now->running->ended_within(20s) && done;
  }

  std::set<place> dead_letters() const {
    std::set<place> dead;
    for (std::size_t i = 0; i < pipeline_count; ++i)
      for (const auto& o : brokers_[i]->outputs(destination::dead_letters))
        dead.emplace(i, o.partition, o.offset);
    return dead;
  }

  void expect_promises_kept() const {
    for (const auto& b : brokers_)
      EXPECT_THAT(b->violations_at_the_end(), IsEmpty());
  }

  brokers brokers_;
  int lives_ = 0;
};

std::string work_with(std::int32_t id) {
  return "work 5 id=" + std::to_string(id);
}

// -- message by message --------------------------------------------------------------------

// The note's level of a life in which one record at a time was run.
constexpr std::uint32_t one_at_a_time = crash_guard::last_level + 1;

// One consumer of two. The test plays the engine, as in consumer_test.
struct pipeline {
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>(2);
  std::shared_ptr<fake_source> source = std::make_shared<fake_source>(broker);
  std::shared_ptr<fake_sink> sink = std::make_shared<fake_sink>(broker);
  std::shared_ptr<pipeline_route> route = std::make_shared<pipeline_route>();
  consumer_actor consumer;
};

class two_consumers : public doubles_fixture {
protected:
  void SetUp() override {
    doubles_fixture::SetUp();
    for (auto* p : {&one_, &other_}) {
      *p->route = *route_;
      consumer_settings settings;
      settings.route = p->route;
      settings.source = p->source;
      settings.sink = p->sink;
      settings.status = std::make_shared<consumer_status>();
      settings.instance = "test-0";
      settings.trials = gate_;
      settings.time = &time_;
      p->consumer = spawn_state<consumer_state>(system(), settings, who_, supervisor_);
      ends_with_the_test(p->consumer);
      send(p->consumer, tick{});
    }
  }

  void TearDown() override {
    one_.consumer = other_.consumer = nullptr;
    doubles_fixture::TearDown();
    EXPECT_THAT(one_.broker->violations(), IsEmpty());
    EXPECT_THAT(other_.broker->violations(), IsEmpty());
  }

  /// Records at the head of a partition that a life before has left behind at this level.
  void begin(pipeline& p, std::size_t records, std::uint32_t level = 0, std::int32_t partition = 0) {
    if (level > 0) {
      commit_note note;
      note.level = level;
      note.suspect_until = 100;
      p.broker->commit({{}, {{partition, 0, encode(note, 0)}}});
    }
    push(p, records, partition);
    p.source->assign({partition});
    deliver_all();
  }

  void push(pipeline& p, std::size_t records, std::int32_t partition = 0) {
    for (std::size_t i = 0; i < records; ++i)
      p.broker->push(partition, std::nullopt, "reply x");
    deliver_all();
  }

  /// What this pipeline has handed on since it was asked last, in up to a tenth of a second from now.
  flights handed_on(pipeline& p) {
    pass(100ms);
    for (const auto& f : take(post_.prepare))
      waiting_[f->route].push_back(f);
    return std::exchange(waiting_[p.route], {});
  }

  void land(pipeline& p, const flights& batch) {
    for (const auto& f : batch)
      f->step = reply{"", "answer", {}, false};
    send(p.consumer, flights_landed{batch_of(batch)});
  }

  std::uint32_t level_of(const pipeline& p) const {
    const auto at = p.broker->committed(0);
    return at ? decode_commit_note(at->note, at->offset).level : 0;
  }

  std::shared_ptr<trial_gate> gate_ = std::make_shared<trial_gate>();
  pipeline one_;
  pipeline other_;

private:
  std::map<std::shared_ptr<const pipeline_route>, flights> waiting_;
};

} // namespace

TEST_F(trial_test, a_slow_record_is_not_blamed_for_the_poison_of_another_pipeline) {
  push(0, 0, work_with(slow_id));
  const auto poison = push(1, 0, work_with(lethal_id));
  EXPECT_TRUE(live_until_done());
  EXPECT_EQ(dead_letters(), std::set{poison});
  EXPECT_LE(lives_, 12);
  expect_promises_kept();
}

TEST_F(trial_test, poison_in_both_pipelines_is_found_and_costs_no_innocent_record_anything) {
  for_seeds(6, [this](random_engine& random) {
    start_over();
    std::set<place> poison;
    for (std::size_t i = 0; i < pipeline_count; ++i)
      for (std::int32_t p = 0; p < partition_count; ++p) {
        const auto deadly = one_in(random, 2) ? any_of(random, 0, 15) : -1;
        for (std::int64_t n = 0; n < 16; ++n)
          if (n == deadly)
            poison.insert(push(i, p, work_with(one_in(random, 2) ? deadly_id : lethal_id)));
          else
            push(i, p, one_in(random, 8) ? work_with(slow_id) : "work 5");
      }
    EXPECT_TRUE(live_until_done());
    EXPECT_EQ(dead_letters(), poison);
    EXPECT_LE(lives_, 12 * (static_cast<int>(poison.size()) + 1));
    expect_promises_kept();
  });
}

TEST_F(two_consumers,
       a_trial_waits_for_what_the_other_pipeline_has_in_the_engine_and_keeps_its_next_records_waiting) {
  begin(other_, 1);
  const auto before = handed_on(other_);
  ASSERT_EQ(before.size(), 1U);
  begin(one_, 2, one_at_a_time - 1);
  push(other_, 3);
  EXPECT_THAT(handed_on(one_), IsEmpty());
  EXPECT_THAT(handed_on(other_), IsEmpty());
  EXPECT_EQ(level_of(one_), one_at_a_time - 1) << "what has not run leaves no trace";
  land(other_, before);
  EXPECT_EQ(other_.broker->outputs().size(), 1U);
  const auto trial = handed_on(one_);
  EXPECT_EQ(trial.size(), 1U);
  EXPECT_EQ(level_of(one_), one_at_a_time);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  land(one_, trial);
  EXPECT_EQ(handed_on(one_).size(), 1U);
  EXPECT_EQ(handed_on(other_).size(), 3U);
}

TEST_F(two_consumers, a_trial_is_over_when_its_result_is_committed) {
  begin(one_, 1, one_at_a_time - 1);
  const auto trial = handed_on(one_);
  one_.sink->cork();
  land(one_, trial);
  begin(other_, 1);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  one_.sink->uncork();
  pass(1s);
  EXPECT_EQ(one_.broker->outputs().size(), 1U);
  EXPECT_EQ(handed_on(other_).size(), 1U);
}

TEST_F(two_consumers, two_trials_follow_each_other_and_the_one_that_waits_leaves_no_trace) {
  begin(one_, 1, one_at_a_time - 1);
  begin(other_, 1, one_at_a_time - 1);
  const auto first = handed_on(one_);
  EXPECT_EQ(first.size(), 1U);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  EXPECT_EQ(level_of(other_), one_at_a_time - 1);
  EXPECT_EQ(other_.sink->attempts(), 0U);
  land(one_, first);
  const auto second = handed_on(other_);
  EXPECT_EQ(second.size(), 1U);
  EXPECT_EQ(level_of(other_), one_at_a_time);
  push(one_, 1);
  EXPECT_THAT(handed_on(one_), IsEmpty());
  land(other_, second);
  EXPECT_EQ(handed_on(one_).size(), 1U);
}

TEST_F(two_consumers, both_wanting_a_trial_with_records_in_the_engine_have_it_in_turn) {
  begin(one_, 1);
  begin(other_, 1);
  const auto of_one = handed_on(one_);
  const auto of_other = handed_on(other_);
  begin(one_, 1, one_at_a_time - 1, 1);
  begin(other_, 1, one_at_a_time - 1, 1);
  land(other_, of_other);
  EXPECT_THAT(handed_on(one_), IsEmpty());
  EXPECT_THAT(handed_on(other_), IsEmpty());
  land(one_, of_one);
  const auto first = handed_on(one_);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  land(one_, first);
  EXPECT_EQ(handed_on(other_).size(), 1U);
}

TEST_F(two_consumers,
       the_other_goes_on_when_the_partition_on_trial_is_lost_but_tries_nothing_before_its_record_is_back) {
  begin(one_, 1, one_at_a_time - 1);
  const auto trial = handed_on(one_);
  ASSERT_EQ(trial.size(), 1U);
  begin(other_, 1);
  one_.source->lose({0});
  const auto ordinary = handed_on(other_);
  EXPECT_EQ(ordinary.size(), 1U);
  land(other_, ordinary);
  begin(other_, 1, one_at_a_time - 1, 1);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  land(one_, trial);
  EXPECT_EQ(handed_on(other_).size(), 1U);
}

TEST_F(two_consumers, the_other_goes_on_when_the_records_that_waited_for_a_trial_are_given_up) {
  begin(other_, 1);
  const auto before = handed_on(other_);
  begin(one_, 1, one_at_a_time - 1);
  push(other_, 1);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  one_.source->revoke({0});
  EXPECT_EQ(handed_on(other_).size(), 1U);
  EXPECT_EQ(level_of(one_), one_at_a_time - 1) << "the next owner tries it";
}

TEST_F(two_consumers, the_other_goes_on_when_the_consumer_that_waits_for_a_trial_closes) {
  begin(other_, 1);
  const auto before = handed_on(other_);
  begin(one_, 1, one_at_a_time - 1);
  push(other_, 1);
  EXPECT_THAT(handed_on(other_), IsEmpty());
  one_.source->fail_next_poll({errc::io, "gone"});
  EXPECT_EQ(handed_on(other_).size(), 1U);
  EXPECT_EQ(post_.closed.size(), 1U);
}

} // namespace chalkstream::test

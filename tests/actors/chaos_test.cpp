// The first promise under random trouble: engines on real threads that lose partitions, fail to commit, meet failing
// records and are killed, over a broker that outlives them.
#include "core/commit_note.hpp"
#include "tests/actors/engine.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_task.hpp"
#include "tests/support/seeds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace chalkstream::test {

namespace {

using namespace std::chrono_literals;

constexpr std::int32_t partition_count = 4;
constexpr std::int32_t deadly_id = 4; // fake_model knows nothing of it

// What all lives share: who owns which partition, as the group's coordinator would say.
struct ownership {
  int life = 0;
  int generation = 0; // of this assignment: a life that got it back is not the owner it was
};

struct world {
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>(partition_count);
  std::mutex mutex;
  std::map<std::int32_t, ownership> owner; // by partition; absent: nobody's
  int generations = 0;
};

// One process. Once dead, nothing it does has an effect.
struct life {
  life(std::shared_ptr<world> w, int number, std::uint64_t seed)
      : around(std::move(w)), number(number), source(std::make_shared<fake_source>(around->broker)), random(seed) {}

  void kill() {
    const std::lock_guard lock(around->mutex);
    dead = true;
  }

  bool is_dead() const {
    const std::lock_guard lock(around->mutex);
    return dead;
  }

  std::shared_ptr<world> around;
  int number;
  std::shared_ptr<fake_source> source;
  random_engine random;              // of its sink, under the world's mutex
  std::map<std::int32_t, int> known; // the generation of each partition it was told of
  std::int64_t fails_one_in = 0;
  bool dead = false;
};

// Remembers which assignment the consumer knows of, as a group's generation does.
struct life_source final : record_source {
  explicit life_source(std::shared_ptr<life> of) : of_(std::move(of)) {}

  result<void> open(std::function<void()> ready) override { return of_->source->open(std::move(ready)); }
  result<intake> poll(std::size_t max_records) override {
    const std::lock_guard lock(of_->around->mutex);
    auto brought = of_->source->poll(max_records);
    if (brought)
      for (const auto& a : brought->assigned)
        if (const auto owner = of_->around->owner.find(a.partition); owner != of_->around->owner.end())
          of_->known[a.partition] = owner->second.generation;
    return brought;
  }
  void release(std::span<const std::int32_t> partitions) override { of_->source->release(partitions); }
  void pause() override { of_->source->pause(); }
  void resume() override { of_->source->resume(); }
  std::int64_t lag() const override { return of_->source->lag(); }
  void close() override { of_->source->close(); }

  std::shared_ptr<life> of_;
};

// Commits as a broker that fences: a window is refused when it holds a partition that went to somebody else.
struct life_sink final : result_sink {
  explicit life_sink(std::shared_ptr<life> of) : of_(std::move(of)) {}

  result<void> open() override { return {}; }
  void close() override {}

  result<commit_outcome> commit(const commit_window& window) override {
    const std::lock_guard lock(of_->around->mutex);
    if (of_->dead)
      return {errc::cancelled, "this process is dead"};
    if (of_->fails_one_in > 0 && one_in(of_->random, of_->fails_one_in))
      return commit_outcome::not_committed;
    for (const auto& p : window.positions) {
      const auto owner = of_->around->owner.find(p.partition);
      if (owner == of_->around->owner.end() || owner->second.life != of_->number
          || owner->second.generation != of_->known[p.partition])
        return commit_outcome::not_committed;
    }
    of_->around->broker->commit(window);
    return commit_outcome::committed;
  }

  std::shared_ptr<life> of_;
};

// Kills the process it runs in when it meets a deadly record.
struct deadly_model final : model {
  explicit deadly_model(std::shared_ptr<life> of) : of_(std::move(of)) {}

  std::shared_ptr<const model_identity> identity() const override { return inner_.identity(); }
  std::size_t max_tokens() const noexcept override { return inner_.max_tokens(); }
  std::size_t output_width() const noexcept override { return inner_.output_width(); }
  result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const override {
    for (const auto* s : batch)
      if (!s->ids.empty() && s->ids.front() == deadly_id)
        of_->kill();
    return inner_.run(batch, helpers);
  }

  std::shared_ptr<life> of_;
  fake_model inner_;
};

struct process {
  process(std::shared_ptr<life> l, std::size_t max_records) : here(std::move(l)) {
    auto plan = make_plan(std::make_shared<deadly_model>(here));
    add_consumer(plan, std::make_shared<fake_task>(), std::make_shared<life_source>(here),
                 std::make_shared<life_sink>(here), "life-" + std::to_string(here->number));
    plan.consumers[0].max_records = max_records;
    plan.consumers[0].revoke_grace = 100ms;
    probe = plan.consumers[0].route->probe;
    running.emplace(std::move(plan));
  }

  std::shared_ptr<life> here;
  std::shared_ptr<monitoring::pipeline_probe> probe;
  std::optional<engine> running;
};

// Some processes of one group, and the group's coordinator.
class group {
public:
  group(std::size_t processes, random_engine& random, std::int64_t fails_one_in)
      : random_(random), fails_one_in_(fails_one_in) {
    for (std::size_t i = 0; i < processes; ++i)
      processes_.push_back(born());
    for (std::int32_t p = 0; p < partition_count; ++p)
      give(p);
  }

  fake_broker& broker() { return *world_->broker; }
  std::size_t lives() const { return static_cast<std::size_t>(next_life_); }

  /// Asks a partition back; its next owner gets it when it is released.
  void revoke_one() {
    const auto p = any_partition();
    if (moving_.contains(p))
      return;
    auto& from = *owner_of(p).here;
    const auto before = from.source->released();
    moving_[p] = std::count(before.begin(), before.end(), p);
    from.source->revoke({p});
  }

  /// Takes a partition away without a word, as after a missed heartbeat.
  void lose_one() {
    const auto p = any_partition();
    if (moving_.contains(p))
      return;
    auto& from = *owner_of(p).here;
    fence(p);
    from.source->lose({p});
    give(p);
  }

  void kill_one() { pick().here->kill(); }

  /// Gives away what was released and replaces who has died.
  void look_after() {
    for (auto at = moving_.begin(); at != moving_.end();) {
      const auto released = owner_of(at->first).here->source->released();
      if (std::count(released.begin(), released.end(), at->first) == at->second) {
        ++at;
        continue;
      }
      fence(at->first);
      give(at->first);
      at = moving_.erase(at);
    }
    for (auto& p : processes_)
      if (p->here->is_dead())
        bury(p);
  }

  bool all_done() { return broker().outputs().size() >= broker().pushed(); }

  /// Credit that is still taken, as the gauges have it.
  std::size_t in_flight() const {
    std::size_t sum = 0;
    for (const auto& p : processes_)
      sum += p->probe->snapshot().in_flight;
    return sum;
  }

  void be_reliable() {
    const std::lock_guard lock(world_->mutex);
    fails_one_in_ = 0;
    for (auto& p : processes_)
      p->here->fails_one_in = 0;
  }

  bool drain() {
    for (auto& p : processes_)
      p->running->drain(10s);
    return std::all_of(processes_.begin(), processes_.end(), [](auto& p) { return p->running->ended_within(20s); });
  }

private:
  std::unique_ptr<process> born() {
    auto l = std::make_shared<life>(world_, next_life_++, random_());
    l->fails_one_in = fails_one_in_;
    return std::make_unique<process>(l, static_cast<std::size_t>(any_of(random_, 20, 400)));
  }

  void bury(std::unique_ptr<process>& p) {
    const auto number = p->here->number;
    p = born(); // which ends the old one without any effect on the broker
    for (std::int32_t i = 0; i < partition_count; ++i) {
      if (owner(i) != number)
        continue;
      moving_.erase(i);
      fence(i);
      give(i);
    }
  }

  void fence(std::int32_t partition) {
    const std::lock_guard lock(world_->mutex);
    world_->owner.erase(partition);
  }

  void give(std::int32_t partition) {
    auto& to = *pick().here;
    {
      const std::lock_guard lock(world_->mutex);
      world_->owner[partition] = {to.number, ++world_->generations};
    }
    to.source->assign({partition});
  }

  process& pick() {
    return *processes_[static_cast<std::size_t>(
        any_of(random_, 0, static_cast<std::int64_t>(processes_.size()) - 1))];
  }

  std::int32_t any_partition() { return static_cast<std::int32_t>(any_of(random_, 0, partition_count - 1)); }

  int owner(std::int32_t partition) const {
    const std::lock_guard lock(world_->mutex);
    return world_->owner.at(partition).life;
  }

  process& owner_of(std::int32_t partition) {
    const auto number = owner(partition);
    return **std::find_if(processes_.begin(), processes_.end(),
                          [number](const auto& p) { return p->here->number == number; });
  }

  random_engine& random_;
  std::int64_t fails_one_in_;
  std::shared_ptr<world> world_ = std::make_shared<world>();
  std::vector<std::unique_ptr<process>> processes_;
  std::map<std::int32_t, std::ptrdiff_t> moving_; // asked back: how often it had been released before
  int next_life_ = 0;
};

// A record's value, and what must become of it.
struct order {
  std::string value;
  std::string reply;  // of a result
  std::string reason; // of a dead letter
};

order any_order(random_engine& random, std::size_t number) {
  const auto tokens = std::to_string(any_of(random, 1, 30));
  const auto mark = " sequences=" + std::to_string(1 + number % 2); // keeps the rows of neighbours apart
  switch (any_of(random, 1, 100)) {
  case 1:
    return {"throw", "", "prepare_failed"};
  case 2:
    return {"work " + tokens + " then=throw", "", "prepare_failed"};
  case 3:
    return {"work " + tokens + " id=1", "", "model_failed"};
  case 4:
    return {"work " + tokens + " id=2", "", "model_failed"};
  case 5:
    return {"work " + tokens + " deadline=1000", "", "expired"};
  case 6:
    return {"reject empty_text", "", "empty_text"};
  case 7:
    return {"work " + tokens + " then=reject", "", "invalid_value"};
  default:
    break;
  }
  if (one_in(random, 4))
    return {"reply " + std::to_string(number), std::to_string(number), ""};
  const auto value =
      "work " + tokens + mark + (one_in(random, 5) ? " steps=2" : "") + (one_in(random, 10) ? " urgency=exam" : "");
  return {value, fake_task::reply_to(value), ""};
}

class chaos_test : public ::testing::Test {
protected:
  void push(fake_broker& to, random_engine& random, const order& what) {
    const auto partition = static_cast<std::int32_t>(any_of(random, 0, partition_count - 1));
    if (one_in(random, 20))
      to.skip(partition, any_of(random, 1, 5));
    auto key = one_in(random, 5) ? std::nullopt : std::optional("key-" + std::to_string(any_of(random, 1, 12)));
    expected_[{partition, to.push(partition, std::move(key), what.value)}] = what;
  }

  /// Every record has the one output it must have.
  void verify(fake_broker& broker, bool crashes_are_excuses) {
    for (const auto& broken : broker.violations_at_the_end())
      ADD_FAILURE() << broken;
    for (const auto& o : broker.outputs()) {
      const auto& e = expected_[{o.partition, o.offset}];
      const auto reason = o.to == destination::dead_letters ? o.header_value("chalkstream_reason") : "";
      if (crashes_are_excuses && reason == "crashed_process")
        continue;
      EXPECT_EQ(reason, e.reason) << e.value << " at " << o.partition << "/" << o.offset;
      if (reason.empty()) {
        EXPECT_EQ(o.value, e.reply);
      }
    }
  }

  void forget() { expected_.clear(); }

private:
  std::map<std::pair<std::int32_t, std::int64_t>, order> expected_;
};

} // namespace

TEST_F(chaos_test, every_record_has_one_output_in_its_keys_order_whatever_happens) {
  for_seeds(12, [this](random_engine& random) {
    group processes(2, random, 6);
    const std::size_t records = 1500;
    for (std::size_t pushed = 0; pushed < records;) {
      for (auto n = any_of(random, 1, 60); n > 0 && pushed < records; --n)
        push(processes.broker(), random, any_order(random, pushed++));
      switch (any_of(random, 1, 12)) {
      case 1:
        processes.revoke_one();
        break;
      case 2:
        processes.lose_one();
        break;
      case 3:
        if (one_in(random, 2))
          processes.kill_one();
        break;
      default:
        break;
      }
      processes.look_after();
      std::this_thread::sleep_for(std::chrono::milliseconds(any_of(random, 0, 5)));
    }
    processes.be_reliable();
    EXPECT_TRUE(eventually(
        [&] {
          processes.look_after();
          return processes.all_done();
        },
        60s))
        << processes.broker().outputs().size() << " of " << processes.broker().pushed();
    EXPECT_TRUE(eventually([&] { return processes.in_flight() == 0; })) << "credit was lost";
    EXPECT_TRUE(processes.drain());
    verify(processes.broker(), true);
    for (std::int32_t p = 0; p < partition_count; ++p) {
      const auto at = processes.broker().committed(p);
      EXPECT_TRUE(!at || decode_commit_note(at->note, at->offset).level == 0) << "a drain hands over in order";
    }
    forget();
  });
}

TEST_F(chaos_test, only_the_record_that_kills_its_process_becomes_a_dead_letter_for_it) {
  for_seeds(4, [this](random_engine& random) {
    group processes(1, random, 0);
    const std::size_t records = 400;
    const auto deadly = static_cast<std::size_t>(any_of(random, 50, 350));
    for (std::size_t i = 0; i < records; ++i)
      push(processes.broker(), random,
           i == deadly ? order{"work 5 id=" + std::to_string(deadly_id), "", "crashed_process"}
                       : any_order(random, i));
    EXPECT_TRUE(eventually(
        [&] {
          processes.look_after();
          return processes.all_done();
        },
        60s))
        << processes.broker().outputs().size() << " of " << processes.broker().pushed();
    EXPECT_TRUE(processes.drain());
    EXPECT_GE(processes.lives(), 3U);
    // A level takes one life, or several where one gets something committed before it dies: timing says how many.
    EXPECT_LE(processes.lives(), 4 * (crash_guard::last_level + 1));
    verify(processes.broker(), false);
    forget();
  });
}

} // namespace chalkstream::test

// Models that move between devices in a whole engine on real threads: no record is lost, repeated or failed.
#include "tests/actors/moving_engine.hpp"

#include "tests/support/fake_broker.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_task.hpp"

#include <gtest/gtest.h>

namespace chalkstream::test {

namespace {

using namespace std::chrono_literals;

/// Loads fake models and keeps an eye on them.
struct fake_loading {
  std::atomic<std::size_t> loads{0};
  std::atomic<std::size_t> runs{0};
  bool fails = false; // now and then, for lack of memory

  result<std::shared_ptr<const model>> load() {
    if (++loads % 4 == 3 && fails)
      return error{errc::out_of_memory, "now and then"};
    auto made = std::make_shared<fake_model>();
    made->take(1ms);
    const auto* plain = made.get();
    return std::shared_ptr<const model>{plain,
                                        [this, held = std::move(made)](const model*) { runs += held->calls(); }};
  }
};

void all_came_out_once(const fake_broker& broker, std::size_t records) {
  EXPECT_EQ(broker.pushed(), records);
  EXPECT_TRUE(broker.outputs(destination::dead_letters).empty()) << "a record failed";
  for (const auto& sentence : broker.violations_at_the_end())
    ADD_FAILURE() << sentence;
}

} // namespace

TEST(moving_engine_test, nothing_is_lost_while_a_model_leaves_a_device_and_comes_back) {
  const auto broker = std::make_shared<fake_broker>(4);
  const auto source = std::make_shared<fake_source>(broker);
  monitoring::registry counts;
  fake_loading here{.fails = true}, there;
  std::size_t moves = 0;
  {
    auto moving = make_moving_plan(
        counts, "cuda:0", [&here] { return here.load(); }, [&there] { return there.load(); }, 2ms);
    const auto status = add_consumer(moving.plan, std::make_shared<fake_task>(), source,
                                     std::make_shared<fake_sink>(broker), "moving");
    source->assign_all();
    engine running(std::move(moving.plan));
    ASSERT_TRUE(eventually([&] { return moving.first->loaded.load(); }));
    for (int burst = 0; burst < 20; ++burst) {
      for (int i = 0; i < 50; ++i)
        broker->push(i % 4, "k" + std::to_string(i % 7), "work 20");
      const bool away = burst % 2 == 0;
      moving.metrics->exams_are_late = away;
      moves += eventually([&] { return moving.first->loaded != away; }, 5s) ? 1 : 0;
    }
    source->end();
    EXPECT_TRUE(eventually([&] { return status->ended.load(); })) << "a record was lost";
    running.drain(5s);
    ASSERT_TRUE(running.ended_within(20s));
    EXPECT_FALSE(running.failure());
  }
  EXPECT_GE(moves, 10u);
  EXPECT_GT(here.loads, 3u);
  EXPECT_EQ(there.loads, 1u) << "it never left the other";
  EXPECT_TRUE(eventually([&] { return here.runs > 0 && there.runs > 0; })) << "both had their part";
  all_came_out_once(*broker, 1000);
}

} // namespace chalkstream::test

#include "actors/trial_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace chalkstream::test {

namespace {

using chalkstream::actors::trial_gate;

class trial_gate_test : public ::testing::Test {
protected:
  std::shared_ptr<trial_gate> gate_ = std::make_shared<trial_gate>();
  trial_gate::place one_{gate_};
  trial_gate::place other_{gate_};
};

} // namespace

TEST_F(trial_gate_test, everybody_enters_while_nobody_has_reserved_it) {
  EXPECT_TRUE(one_.enter());
  EXPECT_TRUE(other_.enter());
  EXPECT_TRUE(one_.enter());
}

TEST_F(trial_gate_test, a_trial_waits_for_those_inside_and_keeps_the_others_out_meanwhile) {
  ASSERT_TRUE(other_.enter());
  EXPECT_FALSE(one_.reserve());
  EXPECT_FALSE(other_.enter()) << "what it has inside may finish, nothing more may begin";
  other_.leave();
  EXPECT_TRUE(one_.reserve());
  EXPECT_TRUE(one_.enter());
  EXPECT_TRUE(one_.reserve()) << "its own records are no reason to wait";
  EXPECT_FALSE(other_.enter());
  one_.leave();
  EXPECT_FALSE(other_.enter()) << "the trial's result may not be committed yet";
  one_.release();
  EXPECT_TRUE(other_.enter());
}

TEST_F(trial_gate_test, of_two_that_ask_the_second_has_its_turn_when_the_first_lets_go) {
  ASSERT_TRUE(one_.enter());
  ASSERT_TRUE(other_.enter());
  EXPECT_FALSE(one_.reserve());
  EXPECT_FALSE(other_.reserve());
  one_.leave();
  other_.leave();
  EXPECT_FALSE(other_.reserve());
  EXPECT_TRUE(one_.reserve());
  other_.release();
  EXPECT_FALSE(other_.enter()) << "only the holder lets go";
  one_.release();
  EXPECT_TRUE(other_.reserve());
}

TEST_F(trial_gate_test, a_place_that_ends_lets_go) {
  std::optional<trial_gate::place> brief(std::in_place, gate_);
  ASSERT_TRUE(brief->reserve());
  brief.reset();
  EXPECT_TRUE(one_.reserve());
}

TEST_F(trial_gate_test, what_a_place_leaves_behind_in_the_engine_lets_nobody_be_alone) {
  std::optional<trial_gate::place> brief(std::in_place, gate_);
  ASSERT_TRUE(brief->enter());
  brief.reset();
  EXPECT_TRUE(other_.enter());
  EXPECT_FALSE(one_.reserve());
}

TEST_F(trial_gate_test, nobody_else_is_ever_inside_during_a_trial) {
  constexpr int threads = 4;
  constexpr int trials_each = 200;
  std::atomic<int> inside = 0;
  std::atomic<int> disturbed = 0;
  const auto consumer = [&] {
    trial_gate::place mine{gate_};
    for (int trials = 0; trials < trials_each;) {
      if (mine.enter()) {
        ++inside;
        std::this_thread::yield();
        --inside;
        mine.leave();
      }
      if (!mine.reserve()) {
        std::this_thread::yield();
        continue;
      }
      disturbed += inside.load();
      std::this_thread::yield();
      disturbed += inside.load();
      mine.release();
      ++trials;
    }
  };
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back(consumer);
  for (auto& t : all)
    t.join();
  EXPECT_EQ(disturbed.load(), 0);
}

} // namespace chalkstream::test

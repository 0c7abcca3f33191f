#include "kafka/bounded_caller.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

time_point in(duration d) {
  return clock::system().now() + d;
}

TEST(bounded_caller_test, runs_calls_one_after_the_other_on_another_thread) {
  bounded_caller caller;
  std::thread::id where;
  int sum = 0;
  for (int i = 1; i <= 100; ++i)
    EXPECT_TRUE(caller.run([&sum, &where, i] { sum += i, where = std::this_thread::get_id(); }, in(10s)));
  EXPECT_EQ(sum, 5050);
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(bounded_caller_test, gives_up_a_call_that_hangs_and_refuses_every_further_one) {
  auto hanging = std::make_shared<std::atomic<bool>>(true);
  auto held = std::make_shared<int>(7);
  std::weak_ptr<int> watch = held;
  {
    bounded_caller caller;
    EXPECT_FALSE(caller.run(
        [hanging, held = std::move(held)] {
          while (*hanging)
            std::this_thread::sleep_for(1ms);
        },
        in(30ms)));
    EXPECT_FALSE(caller.run([] {}, in(10s)));
  }
  EXPECT_FALSE(watch.expired()) << "what the call uses must live as long as the call";
  *hanging = false;
  for (int i = 0; i < 2000 && !watch.expired(); ++i)
    std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(watch.expired());
}

TEST(bounded_caller_test, a_call_that_came_back_late_after_all_is_waited_for_at_the_end) {
  std::atomic<int> steps{0};
  {
    bounded_caller caller;
    EXPECT_FALSE(caller.run([&steps] { std::this_thread::sleep_for(50ms), ++steps; }, in(5ms)));
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(steps, 1);
  }
}

} // namespace
} // namespace chalkstream::kafka

#include "core/work_queue.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto any_model = [](std::size_t) { return true; };

/// Of the models that may run, in the first place of each; models() if there is none.
template <class Queue, class MayRun>
std::size_t most_urgent(const Queue& queue, MayRun&& may_run) {
  const auto turn = queue.most_urgent(
      [&](std::size_t m, std::size_t) {
        return may_run(m) ? std::optional{typename Queue::opening{}} : std::nullopt;
      },
      [](std::size_t, std::size_t, const auto&) { return true; });
  return turn ? turn->model : queue.models();
}

class work_queue_test : public ::testing::Test {
protected:
  void push(int id, std::size_t tokens, priority urgency = priority::normal, duration due = 1s, bool alone = false) {
    queue_.push(0, {id, tokens, urgency, clock_.now() + due, alone});
  }

  std::vector<int> take(std::size_t budget) {
    std::vector<int> ids;
    for (const auto& e : queue_.take(0, budget))
      ids.push_back(e.value);
    return ids;
  }

  test::manual_clock clock_;
  work_queue<int> queue_{2};
};

TEST_F(work_queue_test, the_earliest_deadline_goes_first) {
  push(1, 10, priority::normal, 3s);
  push(2, 10, priority::normal, 1s);
  push(3, 10, priority::normal, 2s);
  EXPECT_THAT(take(1000), ElementsAre(2, 3, 1));
}

TEST_F(work_queue_test, an_exam_overtakes_a_backlog_whatever_its_deadline) {
  push(1, 10, priority::bulk, 1ms);
  push(2, 10, priority::normal, 1ms);
  push(3, 10, priority::interactive, 1ms);
  push(4, 10, priority::exam, 1h);
  EXPECT_THAT(take(10), ElementsAre(4));
  EXPECT_THAT(take(1000), ElementsAre(3, 2, 1));
}

TEST_F(work_queue_test, equal_entries_leave_in_the_order_they_came) {
  for (const int id : {5, 3, 4, 1})
    push(id, 10);
  EXPECT_THAT(take(1000), ElementsAre(5, 3, 4, 1));
}

TEST_F(work_queue_test, a_batch_is_filled_past_entries_that_do_not_fit) {
  push(1, 60);
  push(2, 60);
  push(3, 30);
  push(4, 20);
  push(5, 10);
  EXPECT_THAT(take(100), ElementsAre(1, 3, 5));
  EXPECT_THAT(take(100), ElementsAre(2, 4));
}

TEST_F(work_queue_test, one_entry_over_the_budget_runs_alone) {
  push(1, 500);
  push(2, 1);
  EXPECT_THAT(take(100), ElementsAre(1));
  EXPECT_THAT(take(100), ElementsAre(2));
}

TEST_F(work_queue_test, whatever_the_budget_something_is_taken_where_something_waits) {
  push(1, 0);
  push(2, 5);
  EXPECT_THAT(take(0), ElementsAre(1));
  EXPECT_THAT(take(0), ElementsAre(2));
  EXPECT_THAT(take(0), IsEmpty());
}

TEST_F(work_queue_test, what_must_run_alone_runs_alone_first_or_later) {
  push(1, 10, priority::normal, 1s, true);
  push(2, 10, priority::normal, 2s);
  push(3, 10, priority::normal, 3s, true);
  push(4, 10, priority::normal, 4s);
  EXPECT_THAT(take(1000), ElementsAre(1));
  EXPECT_THAT(take(1000), ElementsAre(2, 4));
  EXPECT_THAT(take(1000), ElementsAre(3));
}

TEST_F(work_queue_test, the_look_ahead_ends_so_that_a_long_queue_is_not_walked_for_nothing) {
  push(0, 60);
  for (std::size_t i = 0; i < work_queue<int>::look_ahead; ++i)
    push(1, 60);
  push(2, 10);
  EXPECT_THAT(take(100), ElementsAre(0));
  EXPECT_THAT(take(100), ElementsAre(1, 2)) << "one place further up it is seen";
}

TEST_F(work_queue_test, the_most_urgent_model_is_chosen_among_those_that_may_run) {
  EXPECT_EQ(most_urgent(queue_, any_model), queue_.models());
  queue_.push(0, {1, 10, priority::normal, clock_.now() + 1s});
  queue_.push(1, {2, 10, priority::exam, clock_.now() + 9s});
  EXPECT_EQ(most_urgent(queue_, any_model), 1u);
  EXPECT_EQ(most_urgent(queue_, [](std::size_t m) { return m == 0; }), 0u);
  EXPECT_EQ(most_urgent(queue_, [](std::size_t) { return false; }), queue_.models());
}

TEST_F(work_queue_test, a_batch_holds_one_model_only) {
  queue_.push(0, {1, 10, priority::normal, clock_.now()});
  queue_.push(1, {2, 10, priority::normal, clock_.now()});
  EXPECT_THAT(take(1000), ElementsAre(1));
  EXPECT_EQ(queue_.size(0), 0u);
  EXPECT_EQ(queue_.size(1), 1u);
}

TEST_F(work_queue_test, what_has_expired_can_be_removed_from_all_models) {
  push(1, 10, priority::normal, 1ms);
  push(2, 10, priority::normal, 1h);
  queue_.push(1, {3, 30, priority::exam, clock_.now() + 1ms});
  clock_.advance(2ms);
  const auto gone = queue_.remove_if([this](const auto& e) { return e.deadline < clock_.now(); });
  ASSERT_EQ(gone.size(), 2u);
  EXPECT_EQ(gone[0].value, 1);
  EXPECT_EQ(gone[1].value, 3);
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_EQ(queue_.tokens(0), 10u);
  EXPECT_EQ(queue_.tokens(1), 0u);
}

TEST_F(work_queue_test, values_need_not_be_copyable) {
  work_queue<std::unique_ptr<int>> queue(1);
  queue.push(0, {std::make_unique<int>(3), 1, priority::normal, clock_.now()});
  const auto batch = queue.take(0, 10);
  ASSERT_EQ(batch.size(), 1u);
  EXPECT_EQ(*batch.front().value, 3);
}

/// The same queue, slowly: a sorted list.
struct reference {
  struct item {
    priority urgency;
    time_point deadline;
    int id;
    std::size_t tokens;
    bool alone;
    auto place() const { return std::tuple(urgency, deadline, id); }
  };
  std::vector<item> items;

  std::vector<int> take(std::size_t budget) {
    std::sort(items.begin(), items.end(), [](const item& a, const item& b) { return a.place() < b.place(); });
    std::vector<int> ids;
    std::vector<item> left;
    std::size_t sum = 0;
    std::size_t skipped = 0;
    bool closed = false;
    for (const auto& i : items) {
      closed = closed || skipped == work_queue<int>::look_ahead || (!ids.empty() && sum >= budget);
      if (closed || (!ids.empty() && (i.alone || sum + i.tokens > budget))) {
        left.push_back(i);
        ++skipped;
        continue;
      }
      ids.push_back(i.id);
      sum += i.tokens;
      closed = i.alone;
    }
    items = std::move(left);
    return ids;
  }
};

TEST_F(work_queue_test, under_any_use_it_does_as_the_slow_reference_and_keeps_its_counts) {
  test::for_seeds(400, [](test::random_engine& random) {
    constexpr std::size_t models = 3;
    work_queue<int> queue(models);
    std::vector<reference> expected(models);
    const test::manual_clock clock;
    std::map<int, int> seen;
    int next = 0;
    for (int step = 0; step < 400; ++step) {
      const auto model = static_cast<std::size_t>(test::any_of(random, 0, models - 1));
      const auto what = test::any_of(random, 0, 20);
      if (what < 14) {
        const auto urgency = static_cast<priority>(test::any_of(random, 0, 3));
        const auto deadline = clock.now() + std::chrono::milliseconds(test::any_of(random, 0, 20));
        const auto tokens = static_cast<std::size_t>(test::any_of(random, 0, 200));
        const bool alone = test::one_in(random, 15);
        queue.push(model, {next, tokens, urgency, deadline, alone});
        expected[model].items.push_back({urgency, deadline, next, tokens, alone});
        ++next;
      } else if (what < 19) {
        const auto budget = static_cast<std::size_t>(test::any_of(random, 0, 600));
        std::vector<int> taken;
        std::size_t sum = 0;
        for (const auto& e : queue.take(model, budget)) {
          taken.push_back(e.value);
          sum += e.tokens;
          ++seen[e.value];
        }
        ASSERT_EQ(taken, expected[model].take(budget));
        ASSERT_TRUE(sum <= budget || taken.size() == 1);
      } else {
        const auto divisor = static_cast<int>(test::any_of(random, 2, 9));
        for (const auto& e : queue.remove_if([&](const auto& entry) { return entry.value % divisor == 0; })) {
          ASSERT_EQ(e.value % divisor, 0);
          ++seen[e.value];
        }
        for (auto& r : expected)
          std::erase_if(r.items, [&](const auto& i) { return i.id % divisor == 0; });
      }
      std::size_t size = 0;
      for (std::size_t m = 0; m < models; ++m) {
        std::size_t tokens = 0;
        for (const auto& i : expected[m].items)
          tokens += i.tokens;
        ASSERT_EQ(queue.tokens(m), tokens);
        ASSERT_EQ(queue.size(m), expected[m].items.size());
        size += expected[m].items.size();
      }
      ASSERT_EQ(queue.size(), size);
    }
    for (auto m = most_urgent(queue, any_model); m < models; m = most_urgent(queue, any_model))
      for (const auto& e : queue.take(m, 500))
        ++seen[e.value];
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(next)) << "an entry was lost";
    for (const auto& [id, times] : seen)
      ASSERT_EQ(times, 1) << "entry " << id;
  });
}

TEST(work_queue_places_test, what_is_bound_to_a_place_is_taken_there_alone_and_in_its_turn) {
  using queue = work_queue<int>;
  queue waiting(1, 2);
  waiting.push(0, {.value = 1, .tokens = 10, .urgency = priority::normal});
  waiting.push(0, {.value = 2, .tokens = 10, .urgency = priority::exam, .bound = 1});
  waiting.push(0, {.value = 3, .tokens = 10, .urgency = priority::bulk, .bound = 1});
  waiting.push(0, {.value = 4, .tokens = 10, .urgency = priority::normal});
  EXPECT_EQ(waiting.size(0), 4U);
  EXPECT_EQ(waiting.tokens(0), 40U);
  EXPECT_EQ(waiting.bound(0, 1), 2U);
  EXPECT_EQ(waiting.tokens(0, {0}), 20U);
  EXPECT_EQ(waiting.tokens(0, {1}), 40U);
  EXPECT_EQ(waiting.tokens(0, {1, true}), 20U) << "nothing else goes where a model leaves";
  EXPECT_EQ(waiting.front(0, {0})->value, 1);
  EXPECT_EQ(waiting.front(0, {1})->value, 2);
  EXPECT_EQ(waiting.front(0, {0, true}), nullptr);
  const auto values = [](const std::vector<queue::entry>& taken) {
    std::vector<int> all;
    for (const auto& e : taken)
      all.push_back(e.value);
    return all;
  };
  EXPECT_THAT(values(waiting.take(0, 20, {1})), ElementsAre(2, 1));
  EXPECT_THAT(values(waiting.take(0, 100, {0})), ElementsAre(4));
  EXPECT_THAT(values(waiting.take(0, 100, {1, true})), ElementsAre(3));
  EXPECT_EQ(waiting.size(), 0U);
}

TEST(work_queue_places_test, between_places_of_a_model_the_first_that_serves_has_the_turn) {
  using queue = work_queue<int>;
  queue waiting(2, 2);
  waiting.push(0, {.value = 1, .tokens = 10, .urgency = priority::normal});
  waiting.push(1, {.value = 2, .tokens = 10, .urgency = priority::exam});
  const auto open = [](std::size_t, std::size_t place) { return std::optional{queue::opening{place}}; };
  const auto turn = [&](auto&& serves) { return waiting.most_urgent(open, serves); };
  auto next = turn([](std::size_t, std::size_t, const auto&) { return true; });
  ASSERT_TRUE(next);
  EXPECT_EQ(next->model, 1U);
  EXPECT_EQ(next->at.place, 0U);
  next = turn([](std::size_t model, std::size_t place, const auto&) { return model == 0 && place == 1; });
  ASSERT_TRUE(next);
  EXPECT_EQ(next->model, 0U);
  EXPECT_EQ(next->at.place, 1U);
  EXPECT_FALSE(turn([](std::size_t, std::size_t, const auto&) { return false; }));
}

TEST(work_queue_places_test, a_slow_place_is_worth_it_where_the_wait_is_longer) {
  EXPECT_TRUE(sooner_here(100, 0, 0)) << "nobody knows";
  EXPECT_TRUE(sooner_here(100, 50, 2));
  EXPECT_FALSE(sooner_here(100, 50, 1.9));
  EXPECT_FALSE(sooner_here(100, 50, 0));
}

TEST(shared_budget_test, waiting_work_is_shared_out_between_idle_slots) {
  EXPECT_EQ(shared_budget(1000, 300, 1), 300u);
  EXPECT_EQ(shared_budget(1000, 300, 2), 150u);
  EXPECT_EQ(shared_budget(1000, 301, 2), 151u);
  EXPECT_EQ(shared_budget(1000, 9000, 2), 1000u) << "never more than the budget";
  EXPECT_EQ(shared_budget(1000, 0, 4), 0u);
  EXPECT_EQ(shared_budget(1000, 300, 0), 300u);
}

TEST(shared_budget_test, slots_that_share_a_queue_take_all_of_it) {
  test::for_seeds(300, [](test::random_engine& random) {
    work_queue<int> queue(1);
    const auto slots = static_cast<std::size_t>(test::any_of(random, 1, 8));
    const auto records = static_cast<std::size_t>(test::any_of(random, 1, 40));
    for (std::size_t i = 0; i < records; ++i)
      queue.push(0,
                 {static_cast<int>(i), static_cast<std::size_t>(test::any_of(random, 1, 100)), priority::normal, {}});
    for (auto idle = slots; idle > 0 && queue.size() > 0; --idle)
      ASSERT_FALSE(queue.take(0, shared_budget(1'000'000, queue.tokens(0), idle)).empty());
    ASSERT_EQ(queue.size(), 0u) << "the last idle slot takes what is left";
  });
}

TEST_F(work_queue_test, what_is_parked_is_not_taken_until_it_is_called_back_the_most_urgent_first) {
  push(1, 10);
  push(2, 20, priority::exam);
  push(3, 30);
  for (auto& e : queue_.take(0, 1000))
    queue_.park(0, std::move(e));
  EXPECT_EQ(queue_.size(), 0U);
  EXPECT_EQ(queue_.tokens(0), 0U);
  EXPECT_EQ(queue_.parked(0), 3U);
  EXPECT_EQ(queue_.parked_tokens(0), 60U);
  EXPECT_EQ(most_urgent(queue_, any_model), 2U) << "nothing waits for a slot";
  EXPECT_TRUE(queue_.unpark(0));
  EXPECT_THAT(take(1000), ElementsAre(2));
  EXPECT_TRUE(queue_.unpark(0));
  EXPECT_EQ(queue_.tokens(0), 10U);
  EXPECT_THAT(take(1000), ElementsAre(1));
  EXPECT_TRUE(queue_.unpark(0));
  EXPECT_FALSE(queue_.unpark(0));
  EXPECT_THAT(take(1000), ElementsAre(3));
}

TEST_F(work_queue_test, an_entry_that_comes_back_keeps_its_turn) {
  push(1, 10);
  push(2, 10);
  auto first = queue_.take(0, 10);
  push(3, 10);
  queue_.push(0, std::move(first.front()));
  EXPECT_THAT(take(1000), ElementsAre(1, 2, 3));
}

TEST_F(work_queue_test, says_whether_one_would_overtake_what_is_parked) {
  push(1, 10);
  push(2, 10);
  push(3, 10, priority::exam);
  auto all = queue_.take(0, 1000); // 3, 1, 2
  EXPECT_FALSE(queue_.behind_parked(0, all[2]));
  queue_.park(0, all[1]);
  EXPECT_TRUE(queue_.behind_parked(0, all[2])) << "equals keep their order";
  EXPECT_FALSE(queue_.behind_parked(0, all[0])) << "an exam may";
  EXPECT_FALSE(queue_.behind_parked(1, all[2])) << "it is another model's room";
}

TEST_F(work_queue_test, removes_what_is_parked_too) {
  push(1, 10);
  push(2, 10);
  push(3, 10);
  auto first = queue_.take(0, 10);
  queue_.park(0, std::move(first.front()));
  EXPECT_EQ(queue_.remove_if([](const auto& e) { return e.value < 3; }).size(), 2U);
  EXPECT_EQ(queue_.size(), 1U);
  EXPECT_EQ(queue_.parked(0), 0U);
  EXPECT_EQ(queue_.parked_tokens(0), 0U);
}

} // namespace
} // namespace chalkstream

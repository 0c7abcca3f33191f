#include "core/crew.hpp"

#include "tests/support/lent_threads.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

TEST(crew_test, every_unit_of_every_phase_is_done_once_and_phases_do_not_overlap) {
  for (const std::size_t members : {1, 2, 3, 7}) {
    constexpr std::size_t phases = 200, units = 23;
    std::vector<std::atomic<int>> done(phases * units);
    std::atomic<int> early{0};
    test::lent_threads lent(members);
    for (std::size_t p = 0; p < phases; ++p)
      lent.together().phase(units, [&](std::size_t unit, std::size_t) {
        if (p > 0)
          for (std::size_t before = 0; before < units; ++before)
            early += done[(p - 1) * units + before] != 1;
        ++done[p * units + unit];
      });
    for (const auto& count : done)
      EXPECT_EQ(count, 1);
    EXPECT_EQ(early, 0);
  }
}

TEST(crew_test, what_a_unit_wrote_is_seen_by_the_next_phase) {
  test::lent_threads lent(3);
  std::array<int, 64> values{};
  for (int p = 1; p <= 200; ++p)
    lent.together().phase(values.size(), [&](std::size_t unit, std::size_t) {
      EXPECT_EQ(values[unit], p - 1);
      values[unit] = p;
    });
}

TEST(crew_test, the_owner_alone_does_everything_as_member_zero) {
  crew alone(4);
  std::set<std::size_t> members;
  int units = 0;
  alone.phase(9, [&](std::size_t, std::size_t member) {
    members.insert(member);
    ++units;
  });
  alone.phase(0, [&](std::size_t, std::size_t) { ++units; });
  EXPECT_EQ(units, 9);
  EXPECT_EQ(members, std::set<std::size_t>{0});
}

TEST(crew_test, no_two_members_have_one_number_at_a_time) {
  constexpr std::size_t most = 3;
  crew together(most);
  std::array<std::atomic<int>, most> in_use{};
  std::atomic<bool> over{false};
  std::vector<std::jthread> helpers;
  for (int i = 0; i < 5; ++i) // more than it takes, and all of them come and go
    helpers.emplace_back([&] {
      while (!over) {
        std::atomic<bool> wanted{false};
        std::jthread caller([&] {
          std::this_thread::sleep_for(1ms);
          wanted = true;
        });
        together.help(wanted);
      }
    });
  for (int p = 0; p < 500; ++p)
    together.phase(40, [&](std::size_t, std::size_t member) {
      ASSERT_LT(member, most);
      EXPECT_EQ(in_use[member].fetch_add(1), 0);
      std::this_thread::yield();
      --in_use[member];
    });
  over = true;
  together.finish();
}

TEST(crew_test, a_helper_that_is_called_back_leaves_after_its_unit) {
  crew together(2);
  std::atomic<bool> wanted{false};
  std::atomic<bool> back{false};
  std::atomic<int> helped{0};
  std::jthread helper([&] {
    together.help(wanted);
    back = true;
  });
  together.phase(100'000, [&](std::size_t, std::size_t member) {
    while (member == 0 && helped == 0) // until the helper has had a unit
      std::this_thread::yield();
    if (member == 1 && ++helped == 3)
      wanted = true;
  });
  helper.join();
  EXPECT_TRUE(back);
  EXPECT_EQ(helped, 3);
}

TEST(crew_test, one_that_comes_when_all_is_over_returns_at_once) {
  crew together(2);
  together.phase(3, [](std::size_t, std::size_t) {});
  together.finish();
  const std::atomic<bool> wanted{false};
  together.help(wanted);
}

TEST(crew_test, helpers_sleep_through_a_long_pause_and_come_back) {
  test::lent_threads lent(2);
  for (int p = 0; p < 3; ++p) {
    std::this_thread::sleep_for(20ms);
    std::atomic<int> units{0};
    std::atomic<bool> both{false};
    lent.together().phase(64, [&](std::size_t, std::size_t member) {
      both = both || member == 1;
      const auto limit = std::chrono::steady_clock::now() + 5s;
      while (!both && std::chrono::steady_clock::now() < limit)
        std::this_thread::yield();
      ++units;
    });
    EXPECT_EQ(units, 64);
    EXPECT_TRUE(both);
  }
}

} // namespace
} // namespace chalkstream

#include "models/team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace chalkstream::models {
namespace {

TEST(team_test, every_unit_of_every_phase_is_done_once_and_phases_do_not_overlap) {
  for (const std::size_t members : {1, 2, 3, 7}) {
    constexpr std::size_t phases = 50, units = 23;
    std::vector<std::atomic<int>> done(phases * units);
    std::atomic<int> early{0};
    team::run(members, [&](team& together, std::size_t) {
      for (std::size_t p = 0; p < phases; ++p)
        together.phase(units, [&](std::size_t unit) {
          if (p > 0)
            for (std::size_t before = 0; before < units; ++before)
              early += done[(p - 1) * units + before] != 1;
          ++done[p * units + unit];
        });
    });
    for (const auto& count : done)
      EXPECT_EQ(count, 1);
    EXPECT_EQ(early, 0);
  }
}

TEST(team_test, a_team_of_one_works_on_the_calling_thread) {
  const auto caller = std::this_thread::get_id();
  team::run(1, [&](team& alone, std::size_t member) {
    EXPECT_EQ(member, 0u);
    EXPECT_EQ(alone.members(), 1u);
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

} // namespace
} // namespace chalkstream::models

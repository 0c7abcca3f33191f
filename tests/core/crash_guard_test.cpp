#include "core/crash_guard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace chalkstream {
namespace {

/// What the next life reads back after a death that left this note.
crash_guard next_life(const commit_note& left, std::int64_t position = 100, std::size_t reach = 50) {
  return {decode_commit_note(encode(left, position), position), position, reach};
}

TEST(crash_guard_test, a_partition_without_a_note_or_handed_back_in_order_runs_free) {
  const crash_guard fresh(commit_note{}, 0, 1000);
  EXPECT_GT(fresh.in_flight_limit(), 1'000'000u);
  EXPECT_FALSE(fresh.first_is_guilty());
  EXPECT_FALSE(fresh.exclusive());
  EXPECT_EQ(fresh.attempts(), 0u);
  commit_note note{"w", 3, false, 70, {}};
  crash_guard::on_release(note);
  EXPECT_EQ(next_life(note).attempts(), 0u);
  EXPECT_EQ(note.window, "w") << "the rest of the note is left alone";
}

TEST(crash_guard_test, each_death_without_progress_lets_fewer_records_be_in_flight) {
  commit_note note;
  crash_guard guard;
  std::vector<std::size_t> limits;
  for (int death = 0; death < 6; ++death) {
    limits.push_back(guard.in_flight_limit());
    EXPECT_FALSE(guard.first_is_guilty());
    EXPECT_EQ(guard.exclusive(), death >= 4) << "only the last two steps are trials";
    guard.on_takeover(note);
    guard = next_life(note);
  }
  ASSERT_TRUE(std::is_sorted(limits.rbegin(), limits.rend()));
  EXPECT_EQ(limits.back(), 1u);
  EXPECT_TRUE(guard.first_is_guilty()) << "it died twice while the record was the only one in flight";
}

TEST(crash_guard_test, one_trial_that_did_not_end_well_convicts_nobody) {
  commit_note note{{}, crash_guard::trial_level + 1, false, 0, {}};
  auto guard = next_life(note);
  EXPECT_FALSE(guard.first_is_guilty()) << "its partition may have been lost by a process that lives";
  EXPECT_TRUE(guard.exclusive());
  guard.on_takeover(note);
  guard.on_progress(note, 101);
  guard = next_life(note, 101);
  guard.on_takeover(note);
  EXPECT_FALSE(next_life(note, 101).first_is_guilty()) << "the record after it has two trials of its own";
}

TEST(crash_guard_test, a_verdict_stands_until_the_dead_letter_is_committed) {
  commit_note note{{}, crash_guard::last_level + 1, false, 0, {}};
  auto guard = next_life(note);
  ASSERT_TRUE(guard.first_is_guilty());
  guard.on_takeover(note);
  guard = next_life(note);
  ASSERT_TRUE(guard.first_is_guilty()) << "it died before the dead letter was out";
  guard.on_progress(note, 101);
  EXPECT_FALSE(guard.first_is_guilty());
  guard = next_life(note, 101);
  EXPECT_FALSE(guard.first_is_guilty()) << "the record after it is judged on its own";
  EXPECT_TRUE(guard.exclusive());
}

TEST(crash_guard_test, a_death_after_progress_does_not_raise_the_level) {
  commit_note note;
  crash_guard guard(note, 100, 50);
  for (std::int64_t position = 101; position < 120; ++position) {
    guard.on_takeover(note);
    guard.on_progress(note, position);
    guard = next_life(note, position);
    ASSERT_EQ(guard.attempts(), 0u);
  }
}

TEST(crash_guard_test, what_finishes_beyond_a_stuck_record_is_no_progress) {
  commit_note note;
  crash_guard guard(note, 100, 50);
  guard.on_takeover(note);
  guard.on_progress(note, 100);
  guard = next_life(note);
  EXPECT_EQ(guard.attempts(), 1u);
}

TEST(crash_guard_test, it_calms_down_once_all_that_was_in_flight_has_passed) {
  commit_note note{{}, 3, false, 0, {{120, 140}}};
  auto guard = next_life(note, 100, 50);
  EXPECT_EQ(guard.attempts(), 3u);
  guard.on_takeover(note);
  guard.on_progress(note, 150);
  EXPECT_EQ(guard.attempts(), 3u) << "reading had gone on for 50 records beyond the finished range";
  guard.on_progress(note, 190);
  EXPECT_EQ(guard.attempts(), 0u);
  EXPECT_GT(guard.in_flight_limit(), 1'000'000u);
  note.finished.clear();
  EXPECT_EQ(next_life(note, 190).attempts(), 0u);
}

TEST(crash_guard_test, a_level_from_nowhere_is_taken_as_the_last) {
  const auto guard = next_life({{}, 4'000'000'000U, true, 0, {}});
  EXPECT_EQ(guard.in_flight_limit(), 1u);
  EXPECT_FALSE(guard.first_is_guilty());
}

} // namespace
} // namespace chalkstream

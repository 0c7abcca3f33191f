// A record that keeps killing its process must not stop its partition.
//
// Every time a partition is taken over without having been handed back properly, the guard rises one level unless
// the committed offset moved in between; each level lets fewer records be in flight at once. At the last two levels
// only one is: the one that was open when the process died in both of them is guilty and becomes a dead letter without
// being run. Two, because a partition that is lost to another process while this one lives (a long pause, a network cut
// off) looks like a death, and no record may be convicted by that. The guard falls back to normal once everything that
// was in flight at the first crash has passed.
//
// A death is shared by all partitions of a process, of every pipeline it runs; a verdict must not be. Two rules for
// whoever uses the guard keep the innocent safe: the note of `on_takeover` is committed when the partition's first
// record is about to be handed on, not when the partition is assigned (a life that ran nothing proves nothing); and
// while a partition is `exclusive()`, the one record in flight is the only one of the whole process.
#pragma once

#include "core/commit_note.hpp"

#include <cstddef>
#include <cstdint>

namespace chalkstream {

class crash_guard {
public:
  /// Levels 0..last; from `trial_level` on one record at a time.
  static constexpr std::uint32_t trial_level = 4;
  static constexpr std::uint32_t last_level = 5;

  crash_guard() = default;

  /// What the note committed at `position` says about the life before; level 0 means it ended well. `reach` is how
  /// many records can have been in flight beyond the position when it died.
  crash_guard(const commit_note& left, std::int64_t position, std::size_t reach);

  /// Records of the partition that may be in flight at once.
  std::size_t in_flight_limit() const noexcept;

  /// True: the first record that begins is to become a dead letter (`crashed_process`) without being run.
  bool first_is_guilty() const noexcept { return guilty_; }

  /// How often the process died here, as far as is known; for the dead letter's header.
  std::uint32_t attempts() const noexcept { return level_; }

  /// Whether the next record is on trial: a death while it runs speaks against it, so nothing else of the process,
  /// whatever its pipeline and partition, may be in flight until its result is committed.
  bool exclusive() const noexcept { return level_ >= trial_level && !guilty_ && !progressed_; }

  /// Written before the first record of the partition runs: the next life sees it if this one dies without progress.
  void on_takeover(commit_note& note) const;

  /// Written with every window that published something; `position` is what is committed with it. What finishes
  /// beyond a record that stays open is no progress, or a slow poison record among quick ones would never be found.
  void on_progress(commit_note& note, std::int64_t position);

  /// Written when the partition is handed back in order.
  static void on_release(commit_note& note);

private:
  std::uint32_t level_ = 0;
  std::int64_t taken_over_at_ = -1;
  bool progressed_ = false;
  std::int64_t suspect_until_ = 0;
  bool guilty_ = false;
};

} // namespace chalkstream

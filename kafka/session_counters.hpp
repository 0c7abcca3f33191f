// What a session counts about itself. Written by its thread, read by any; each number only grows.
#pragma once

#include <atomic>
#include <cstdint>

namespace chalkstream::kafka {

struct session_counters {
  /// Windows that became visible.
  std::atomic<std::uint64_t> commits{0};
  /// Windows that were given up and handed back to be tried again.
  std::atomic<std::uint64_t> aborts{0};
  /// Calls repeated within a window after a passing error.
  std::atomic<std::uint64_t> retries{0};
  /// Producers made after the first one: after fatal errors and after commits of unknown outcome.
  std::atomic<std::uint64_t> new_instances{0};
  /// Commits whose outcome had to be read back from the group's offsets.
  std::atomic<std::uint64_t> unknown_outcomes{0};
  /// Outputs replaced by their claim check because a broker or the settings refuse their size.
  std::atomic<std::uint64_t> claim_checks{0};
  /// Assignments, revocations and losses.
  std::atomic<std::uint64_t> rebalances{0};
  std::atomic<std::uint64_t> lost_partitions{0};
};

} // namespace chalkstream::kafka

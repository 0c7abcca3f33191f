// When a transaction window closes.
//
// At once when nothing else of the consumer is in flight, and always once `max_records` wait. Otherwise it stays open
// after the last commit for a multiple of what that commit cost, and for `interval` at most. The multiple grows with
// what else is in flight: with a few records waiting, a result costs the next one little by going out now; with a
// backlog, committing must not take more than a fixed share of the time. Committing every 32 records costs a factor of
// 20 in throughput against every 500 (DESIGN, delivery), hence windows by time.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <cstdint>

namespace chalkstream {

class commit_policy {
public:
  struct limits {
    duration interval = std::chrono::milliseconds(100);
    std::size_t max_records = 4096;
    /// The multiple when there is a backlog; one for each `records_per_factor` records in flight until then.
    std::int64_t cost_factor = 5;
    std::size_t records_per_factor = 6;
  };

  explicit commit_policy(limits l) noexcept : limits_(l) {}

  /// `staged` results wait, `others` records of the consumer are still being worked on.
  bool due(time_point now, std::size_t staged, std::size_t others) const noexcept;

  /// When to ask again if it is not due yet.
  time_point next_due(std::size_t others) const noexcept;

  void on_commit(time_point started, time_point ended) noexcept;

private:
  limits limits_;
  time_point last_commit_{};
  duration cost_{};
};

} // namespace chalkstream

// When a transaction window closes.
//
// At once when nothing else of the consumer is in flight; otherwise no sooner after the last commit than a commit's
// own cost times `cost_factor` (so that committing never takes more than a fixed share of the time) and no later than
// `interval`; and always once `max_records` wait. Committing every 32 records costs a factor of 20 in throughput
// against every 500 (DESIGN, delivery), hence windows by time.
#pragma once

#include "core/clock.hpp"

#include <cstddef>

namespace chalkstream {

class commit_policy {
public:
  struct limits {
    duration interval = std::chrono::milliseconds(100);
    std::size_t max_records = 4096;
    int cost_factor = 5;
  };

  explicit commit_policy(limits l) noexcept : limits_(l) {}

  /// `staged` results wait, `others` records of the consumer are still being worked on.
  bool due(time_point now, std::size_t staged, std::size_t others) const noexcept;

  /// When to ask again if it is not due yet.
  time_point next_due() const noexcept { return last_commit_ + gap_; }

  void on_commit(time_point started, time_point ended) noexcept;

private:
  limits limits_;
  time_point last_commit_{};
  duration gap_{};
};

} // namespace chalkstream

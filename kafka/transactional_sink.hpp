// Exactly once: results, dead letters and offsets in one transaction; internal to this folder.
//
//   window ─► begin ─► produce all ─► send offsets ─► commit ─► committed
//               │           │              │             │
//               │           └── too large for a topic: abort, claim check, once more
//               ├── the group has begun another generation: abort, once more under that
//               ├── the transaction is void: abort ─► not_committed
//               ├── the producer is void: thrown away ─► not_committed; the next window makes a new one
//               └── the commit's outcome is unknown: new producer (which ends the old transaction one way or the
//                   other), then the group's offsets and their notes say what happened
//
// A position's note is unique to its window, so the offsets read back name the window they belong to.
#pragma once

#include "kafka/producer.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace chalkstream::kafka {

class transactional_sink final : public result_sink {
public:
  explicit transactional_sink(std::shared_ptr<member> m) : member_(std::move(m)) {}

  result<void> open() override;
  result<commit_outcome> commit(const commit_window& window) override;
  void close() override { producer_.reset(); }

private:
  enum class attempt : std::uint8_t { committed, not_committed, too_large, outdated, unknown };

  result<void> renew(duration within);
  attempt transact(const commit_window& window);
  attempt give_up(const call_outcome& why, bool begun);
  void make_room(const commit_window& window, const std::vector<producer::failure>& refused);
  result<commit_outcome> resolve(const commit_window& window);
  result<void> note_fenced(const call_outcome& why);

  std::shared_ptr<member> member_;
  std::unique_ptr<producer> producer_;
  std::size_t batch_bytes_ = first_batch_bytes;
  std::vector<bool> replaced_;       // by index into the window: sent as its claim check
  std::optional<error> fatal_;       // ends the process: somebody else is this instance
  std::deque<time_point> takeovers_; // when a younger producer of our name threw us out
};

/// Whether a window's offsets were committed by exactly this window, as far as the offsets read back can tell.
bool is_committed(const commit_window& window, std::span<const committed_offset> found) noexcept;

} // namespace chalkstream::kafka

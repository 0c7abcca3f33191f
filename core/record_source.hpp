// The port records come in through. Implemented by kafka/ (a consumer), by the offline tools (standard input) and by
// fakes in tests. Every function is called from one thread, the consumer actor's; only the callback given to
// `on_ready` is called from others.
#pragma once

#include "core/error.hpp"
#include "core/record.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace chalkstream {

struct assigned_partition {
  std::int32_t partition = 0;
  /// The group's committed offset, where reading starts; -1 if it has none.
  std::int64_t committed = -1;
  /// Where reading starts: the committed offset, or else the earliest one the log holds.
  std::int64_t start = 0;
  /// The note committed with it (core/commit_note.hpp); empty if none.
  std::string note;
};

/// What one poll brought. Changes of the assignment come before the records in effect: records of a revoked or lost
/// partition never appear in the same or a later intake until it is assigned again.
struct intake {
  std::vector<assigned_partition> assigned;
  /// The group wants these back: finish and commit what you can, then call release().
  std::vector<std::int32_t> revoking;
  /// Already somebody else's: drop their work, commit nothing for them. No release() is expected.
  std::vector<std::int32_t> lost;
  std::vector<record> records;
  /// The membership stands: an assignment has arrived since open(), perhaps an empty one.
  bool joined = false;
  /// The source has ended and will never bring more (standard input). A topic never ends.
  bool ended = false;
};

class record_source {
public:
  virtual ~record_source() = default;

  /// Joins the group or opens the file. `ready` is called, from any thread, whenever poll() may have something new;
  /// it must return at once. Spurious calls are allowed; a missed one is covered by the consumer's own tick.
  virtual result<void> open(std::function<void()> ready) = 0;

  /// Up to `max_records` records and all pending assignment changes; at most a short wait (a committed-offset look-up
  /// when partitions are assigned). With max_records 0 it only keeps the membership alive. An error is fatal for the
  /// pipeline; transient trouble is handled and logged inside.
  virtual result<intake> poll(std::size_t max_records) = 0;

  /// Ends a revoke: gives the partitions back to the group.
  virtual void release(std::span<const std::int32_t> partitions) = 0;

  /// Stops and restarts the fetching of partitions for back-pressure; polling must go on meanwhile.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Records between the last one read and the end of the assigned partitions, as last heard from the broker.
  virtual std::int64_t lag() const = 0;

  /// Leaves the group. Blocks for a bounded time. Nothing may be called after it.
  virtual void close() = 0;
};

} // namespace chalkstream

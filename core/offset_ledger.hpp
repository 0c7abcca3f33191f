// Which offsets of one partition are finished, when they finish in any order.
//
// Results may be published ahead of a slower record before them: the commit then carries the ranges finished beyond
// the committed offset (core/commit_note.hpp), and whoever reads on from there skips them. Offsets that the log does
// not hold (compacted, control records) are never begun and count as finished.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace chalkstream {

/// Offsets from `begin` up to, not including, `end`.
struct offset_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  friend bool operator==(const offset_range&, const offset_range&) = default;
};

class offset_ledger {
public:
  /// Starts at `position` (the next offset to read); `finished` are ranges beyond it that were published before, in
  /// ascending order.
  explicit offset_ledger(std::int64_t position, std::vector<offset_range> finished = {});

  /// A record was read. Offsets come in ascending order. False: it was finished in an earlier life (or lies before
  /// the position) and must not be processed again.
  bool begin(std::int64_t offset);

  /// A begun record is finished: its result goes into the next transaction.
  void finish(std::int64_t offset);

  /// The offset to commit: everything before it is finished.
  std::int64_t position() const noexcept { return position_; }

  /// Finished ranges beyond the position, ascending, disjoint, not touching.
  std::vector<offset_range> finished_beyond() const;

  /// One past the highest offset begun or known to be finished without a gap before it.
  std::int64_t begun_until() const noexcept { return begun_until_; }

  /// The oldest offset begun and not finished; begun_until() if there is none.
  std::int64_t oldest_open() const noexcept { return entries_.empty() ? begun_until_ : entries_.front().offset; }

  /// Begun and not finished.
  std::size_t open() const noexcept { return open_; }

private:
  struct entry {
    std::int64_t offset;
    bool finished;
  };

  bool was_finished_before(std::int64_t offset);
  void advance();

  std::int64_t position_;
  std::int64_t begun_until_;
  std::size_t open_ = 0;
  std::deque<entry> entries_;         // begun, from the oldest that is not finished on
  std::deque<offset_range> restored_; // finished before, not yet read over
};

} // namespace chalkstream

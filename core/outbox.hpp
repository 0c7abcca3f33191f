// Everything one consumer has read and not yet committed: which records may run, which results may be published, and
// what a transaction must carry so that nothing is lost and nothing is counted twice. Pure: the consumer actor feeds
// it and hands its windows to the result sink.
//
// A result may be published once every older record of its key is finished; it need not wait for other keys. Offsets
// finished beyond the committed one travel in the commit's note.
#pragma once

#include "core/crash_guard.hpp"
#include "core/journey.hpp"
#include "core/key_order.hpp"
#include "core/offset_ledger.hpp"
#include "core/record_source.hpp"
#include "core/rejection.hpp"
#include "core/result_sink.hpp"
#include "core/result_tally.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace chalkstream {

/// What is remembered of a finished record until it is committed, for credit and measurements.
struct receipt {
  time_point received{};
  /// What the record took of the credit.
  std::size_t bytes = 0;
  bool review = false;
  std::optional<reject_reason> rejected;
  /// A result that becomes visible after this is late; zero if it has no deadline.
  time_point deadline{};
  result_tally tally = {};
  /// Of a record that is traced.
  std::shared_ptr<journey> trace = {};
};

/// A finished record, ready to be published when its key's turn comes.
struct finished_record {
  output result;
  struct receipt receipt;
  /// Other results of the record, which go before it; each says the same place.
  std::vector<output> earlier = {};
};

class outbox {
public:
  /// `reach` is how many records can be in flight at most; `instance` makes the windows' names unique.
  outbox(std::size_t reach, std::string instance) : reach_(reach), instance_(std::move(instance)) {}

  // -- assignment --------------------------------------------------------------

  /// A partition is ours from here on.
  void assign(const assigned_partition& given);

  /// A partition is no longer ours, or was handed back: everything about it is forgotten. Returns the receipts of
  /// results dropped unpublished (the new owner makes them again).
  std::vector<receipt> drop(std::int32_t partition);

  bool owns(std::int32_t partition) const { return partitions_.contains(partition); }

  /// What to commit before anything of these partitions runs, so that a crash leaves a trace. Leaves out a partition
  /// with results in a window that is not committed, for its position would pass them; so does handover().
  commit_window takeover(std::span<const assigned_partition> given);

  /// What to commit when a partition is handed back in order: the guard's level falls to zero.
  commit_window handover(std::span<const std::int32_t> partitions);

  // -- records in --------------------------------------------------------------

  enum class admission : std::uint8_t {
    run,    // process it
    skip,   // published in an earlier life: do nothing
    park,   // it must wait, after crashes, for records in flight: offer it again after each commit and each drop,
            // and when it may be alone where it might not
    guilty, // it killed the process before: make it a dead letter, do not run it
  };

  /// `alone`: no other consumer of the process has a record in flight, nor will it while trial_pending(). Only a
  /// partition that is exclusive() needs it.
  admission admit(const record& input, bool alone);

  /// Whether the partition's next record must run alone in the process (core/crash_guard.hpp).
  bool exclusive(std::int32_t partition) const;

  /// Whether a record runs alone until it is committed, or waits to.
  bool trial_pending() const noexcept { return on_trial_ || !want_trial_.empty(); }

  /// Records of the partition that are being processed or wait for their key.
  std::size_t open(std::int32_t partition) const;

  // -- results out -------------------------------------------------------------

  /// A record that was admitted is finished. Must be called exactly once for each, unless its partition is dropped.
  void finish(const std::optional<std::string_view>& key, finished_record done);

  /// Records whose results could be published now.
  std::size_t publishable() const noexcept { return ready_.size() + staged_.size(); }

  /// Everything publishable, with the positions that go with it. Asking again without `committed` in between gives
  /// the same results (and whatever has become publishable since) under a new name. Valid until the next call.
  const commit_window& window();

  /// The window handed out last is visible. Returns its records' receipts.
  std::vector<receipt> committed();

private:
  struct partition_state {
    offset_ledger ledger;
    key_order<finished_record> order;
    crash_guard guard;
    std::size_t open = 0;
  };

  /// A record whose results are in the window.
  struct staged_record {
    std::int32_t partition = 0;
    struct receipt receipt;
  };

  bool awaits_commit(std::int32_t partition) const;
  bool must_wait(std::int32_t partition, const partition_state& p, bool alone);
  void stage(finished_record done);
  commit_position position_of(std::int32_t partition, partition_state& p, const std::string& window, bool progressed);
  std::string next_window_name();

  std::size_t reach_;
  std::string instance_;
  std::uint64_t windows_ = 0;
  std::map<std::int32_t, partition_state> partitions_;
  std::set<std::int32_t> want_trial_;    // their next record waits to run alone
  std::optional<std::int32_t> on_trial_; // whose record does, until it is committed
  std::vector<finished_record> ready_;   // their key's turn has come
  commit_window window_;                 // handed out, outcome unknown
  std::vector<staged_record> staged_;    // whose results window_.outputs are
};

} // namespace chalkstream

// What one consumer holds, from a partition's assignment to its release: the records of each partition that wait or
// are out in the engine, and the credit they took. It turns records into flights, and landed flights into results for
// the outbox, and keeps a record on trial alone; it sends and commits nothing, which is the consumer's part.
#pragma once

#include "actors/flight.hpp"
#include "actors/record_log.hpp"
#include "actors/trial_gate.hpp"
#include "core/credit.hpp"
#include "core/outbox.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace chalkstream::actors {

class lease_book {
public:
  /// Flights that are ready to leave for the engine.
  struct departure {
    std::shared_ptr<flights> batch = std::make_shared<flights>();
    /// Partitions whose first record is among them: their takeover is committed before the batch leaves.
    std::vector<assigned_partition> fresh;
  };

  /// Takes credit from `room`, hands results to `results`, and says in `journal` what becomes no result; all outlive
  /// it.
  lease_book(std::shared_ptr<const pipeline_route> route, outbox& results, credit& room,
             std::shared_ptr<trial_gate> trials, const clock& time, log& journal = log::none())
      : route_(std::move(route)), outbox_(results), credit_(room), gate_(std::move(trials)), time_(time),
        journal_(journal, time) {}

  // -- partitions --------------------------------------------------------------

  /// A partition is ours from here on; it must not be ours already.
  void take_in(assigned_partition given);

  /// It is somebody else's already: what of it is in the engine comes back by itself and is dropped. False: it was
  /// not ours.
  bool forget(std::int32_t partition);

  /// The group wants it back: nothing more of it begins, and it is due by then.
  void ask_back(std::int32_t partition, time_point by);

  /// Likewise for all of them, those still to come included; the shortest of several counts.
  void end_all(time_point by);

  /// Partitions to release: they end, and nothing of them is in the engine or their time is over.
  std::vector<std::int32_t> due(time_point now) const;

  /// Whether the time of one is over.
  bool overdue(time_point now) const;

  /// Those of them that have begun: they have a takeover note to take back.
  std::vector<std::int32_t> begun(std::span<const std::int32_t> partitions) const;

  /// Ends these leases. Returns the partitions that the group waits for.
  std::vector<std::int32_t> let_go(std::span<const std::int32_t> partitions);

  std::size_t size() const noexcept { return leases_.size(); }
  bool empty() const noexcept { return leases_.empty(); }

  // -- records -----------------------------------------------------------------

  /// Takes credit for records that were read; each leaves, waits, or is finished already. Records of a partition
  /// that is ending are left to its next owner.
  departure admit(std::vector<record> read);

  /// Offers every waiting record again, each partition's in order, until one must go on waiting.
  departure unpark();

  /// Records that wait; they hold credit.
  std::size_t parked() const noexcept;

  /// Whether some wait for what is in the engine, of this consumer or another, to come back before a trial, or for
  /// another's trial to end: no commit of this consumer need follow, so they are offered again from time to time.
  bool held_up() const noexcept { return held_up_; }

  /// Flights have come back: their results go to the outbox, but for those given up or of a partition not ours.
  void land(const flights& batch);

private:
  struct lease_line {
    std::shared_ptr<partition_lease> lease = std::make_shared<partition_lease>();
    assigned_partition given;
    std::size_t airborne = 0; // flights out in the engine
    std::deque<record> parked;
    bool begun = false;
    std::optional<time_point> release_by; // set while it is ending
    bool revoking = false;                // the group waits for its release
  };

  void end(lease_line& line, time_point by);
  void give_back_parked(lease_line& line);
  void drop_results(std::int32_t partition);
  void offer(record input, lease_line& line, departure& leaving);
  bool may_be_tried(std::int32_t partition);
  void make_way();
  flight_ptr make_flight(record input, lease_line& line);
  std::shared_ptr<journey> begin_trace(const flight& of) const;
  void land(flight& f);
  void refuse(const record& input, const rejection& why, std::size_t bytes, std::shared_ptr<journey> trace);

  std::shared_ptr<const pipeline_route> route_;
  outbox& outbox_;
  credit& credit_;
  trial_gate::place gate_;
  const clock& time_;
  record_log journal_;
  std::map<std::int32_t, lease_line> leases_;
  std::size_t airborne_ = 0; // of all partitions, and of those that have gone
  bool held_up_ = false;
  std::optional<time_point> all_end_by_;
};

} // namespace chalkstream::actors

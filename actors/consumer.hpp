// Brings the records of one pipeline in and its results out. It has a thread of its own, the only one that touches
// the source and the sink: a transaction needs the consumer's group membership, and a revoke must not pass an open
// transaction (DESIGN, delivery). What may be published is decided by core/outbox, how much may be read by
// core/credit, when to commit by core/commit_policy, and what each partition owes is kept by actors/lease_book; this
// actor turns their answers into calls and messages.
#pragma once

#include "actors/directory.hpp"
#include "actors/lease_book.hpp"
#include "core/backoff.hpp"
#include "core/commit_policy.hpp"
#include "core/credit.hpp"
#include "core/log.hpp"
#include "core/outbox.hpp"

#include <atomic>
#include <optional>

namespace chalkstream::actors {

/// What the rest of the process may know of a consumer; written by its thread, read by any.
struct consumer_status {
  std::atomic<bool> joined{false};  // the group has given it an assignment, perhaps an empty one
  std::atomic<bool> ended{false};   // the source has ended and everything of it is committed
  std::atomic<bool> stalled{false}; // commits keep failing: not ready to serve
  std::atomic<std::int64_t> partitions{0};
};

struct consumer_settings {
  std::shared_ptr<const pipeline_route> route;
  std::shared_ptr<record_source> source;
  std::shared_ptr<result_sink> sink;
  std::shared_ptr<consumer_status> status;
  std::string instance; // unique among living processes; names the commit windows
  /// All consumers of the process share one; the supervisor sees to it.
  std::shared_ptr<trial_gate> trials = std::make_shared<trial_gate>();
  std::size_t max_records = 4096;
  std::size_t max_bytes = 64U << 20U;
  commit_policy::limits commit;
  duration revoke_grace = std::chrono::seconds(5);
  class log* log = &log::none();
  const clock* time = &clock::system();
};

class consumer_state {
public:
  using handle_type = consumer_actor;
  static constexpr const char* name = "consumer";

  consumer_state(consumer_actor::pointer self, consumer_settings settings, directory_ptr who,
                 supervisor_actor supervisor);
  consumer_state(const consumer_state&) = delete;
  consumer_state& operator=(const consumer_state&) = delete;
  /// One that failed still lets go of its source, whose callback would keep the actor alive for ever.
  ~consumer_state();
  consumer_actor::behavior_type make_behavior();

private:
  enum class mode : std::uint8_t { starting, running, draining, closed };

  // records in
  void poll();
  void hold_or_pause();
  void apply(intake news);
  void change_assignment(intake& news);
  void send_off(lease_book::departure leaving);

  // results out
  void close_window_if_due();
  void commit();
  bool commit_once(const commit_window& window);
  void settle_published();
  void end_trace(const receipt& of, time_point now);
  void arm_window(std::size_t others);

  // lifecycle
  void open();
  void upkeep();
  void release_partitions();
  bool publish_before_release(bool late);
  void begin_drain(duration grace);
  void finish_if_done();
  void close(std::shared_ptr<const error> failure);

  consumer_actor::pointer self_;
  consumer_settings settings_;
  directory_ptr who_;
  supervisor_actor supervisor_;
  credit credit_;
  outbox outbox_;
  commit_policy policy_;
  backoff retry_;
  duration last_commit_{}; // how long it took
  lease_book leases_;
  std::shared_ptr<std::atomic<bool>> poll_asked_ = std::make_shared<std::atomic<bool>>(false);
  mode mode_ = mode::starting;
  std::optional<time_point> held_since_;
  std::optional<time_point> retry_at_;
  bool paused_ = false;
  bool source_ended_ = false;
  bool window_armed_ = false;
  std::uint64_t window_generation_ = 0;
  time_point last_gauges_{};
};

} // namespace chalkstream::actors

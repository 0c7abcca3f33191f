// Starts the engine's actors, ends them in order, and ends the process's promise if one of them cannot go on.
//
// Order of the end: consumers drain (intake stops, what is on a device finishes, commit, leave the group), then the
// scheduler and its slots, then the pools. A consumer, the scheduler or a pool that dies takes the engine with it:
// what was not committed is read again by whoever comes next, so stopping loses nothing, and going on could. An
// autoscaler that dies is started again: what there is stays meanwhile.
#pragma once

#include "actors/autoscaler.hpp"
#include "actors/consumer.hpp"
#include "actors/scheduler.hpp"
#include "actors/step_pool.hpp"

#include <functional>
#include <optional>

namespace chalkstream::actors {

struct engine_plan {
  std::vector<consumer_settings> consumers; // route->index is the position in this list
  scheduler_settings scheduler;
  std::size_t prepare_workers = 1;
  std::size_t complete_workers = 1;
  /// Absent: replicas stay as they are.
  std::optional<autoscaler_settings> autoscaler = {};
  const clock* time = &clock::system();
  /// Called once, from the supervisor's thread, when every consumer has closed and the rest has been told to stop:
  /// null if in order. Batches whose grace is over may still be running; the end of the actor system waits for them.
  std::function<void(std::shared_ptr<const error>)> ended;
};

class supervisor_state {
public:
  using handle_type = supervisor_actor;
  static constexpr const char* name = "supervisor";

  supervisor_state(supervisor_actor::pointer self, std::shared_ptr<engine_plan> plan);
  supervisor_state(const supervisor_state&) = delete;
  supervisor_state& operator=(const supervisor_state&) = delete;
  /// A supervisor that fails itself takes the engine with it, at once.
  ~supervisor_state();
  supervisor_actor::behavior_type make_behavior();

private:
  template <class Handle>
  void watch_vital(const Handle& handle, const char* what);
  void start();
  void start_autoscaler();
  void drain_all(std::chrono::nanoseconds grace);
  void fail(error why);
  void stop_rest();
  void end_rest();

  supervisor_actor::pointer self_;
  std::shared_ptr<engine_plan> plan_;
  directory_ptr who_ = std::make_shared<directory>();
  autoscaler_actor autoscaler_; // null: there is none
  watcher<std::remove_pointer_t<supervisor_actor::pointer>> watcher_;
  std::vector<bool> closed_;
  std::size_t open_ = 0;
  std::shared_ptr<const error> failure_;
  bool over_ = false;
};

} // namespace chalkstream::actors

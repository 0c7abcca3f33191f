// The actor system of one engine, behind plain C++: whoever assembles parts (a service from a configuration, an
// offline tool, the demo) hands them over here and never sees an actor.
#pragma once

#include "core/error.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace chalkstream::actors {
struct engine_plan;
} // namespace chalkstream::actors

namespace chalkstream::pipelines {

class runtime {
public:
  /// Starts everything the plan names; consumers open their sources on their own threads. `plan.ended` is called
  /// from a thread of the engine, before anybody here learns of the end.
  explicit runtime(actors::engine_plan plan);

  /// Ends at once if it was not drained; what was not committed is read again by whoever comes next.
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Asks everything to finish and commit within `grace`. Returns at once, may be called from any thread.
  void drain(std::chrono::nanoseconds grace);

  /// Waits until everything has ended, by itself or by drain(); nothing if `timeout` passes first.
  std::optional<result<void>> wait_for(std::chrono::nanoseconds timeout);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace chalkstream::pipelines

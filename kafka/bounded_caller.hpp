// Runs calls that may hang on a thread of their own, so that the caller waits only as long as it wants; internal to
// this folder. Used by one thread.
#pragma once

#include "core/clock.hpp"

#include <functional>
#include <memory>

namespace chalkstream::kafka {

class bounded_caller {
public:
  bounded_caller();
  /// Waits for the thread, unless it was given up: then it ends by itself after its call, and what the call holds
  /// with it.
  ~bounded_caller();
  bounded_caller(const bounded_caller&) = delete;
  bounded_caller& operator=(const bounded_caller&) = delete;

  /// False: the call did not come back in time. The thread is given up and every further call is refused. The call
  /// must own what it uses.
  bool run(std::function<void()> call, time_point deadline);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace chalkstream::kafka

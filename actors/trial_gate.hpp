// Keeps a record on trial alone in its process (core/crash_guard.hpp): whatever else ran while it kills the process
// could be blamed for it.
//
// Each consumer has a place at the gate. It enters before it hands records to the engine and leaves when all of them
// are back. One that has a record to try reserves the gate: from then on the others do not enter, and once they have
// left, the trial may run. Who finds the gate reserved asks again with its next upkeep; this happens only after
// crashes.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

namespace chalkstream::actors {

class trial_gate {
public:
  class place;

private:
  std::mutex mutex_;
  std::size_t inside_ = 0;        // places with records in the engine
  const place* holder_ = nullptr; // who has reserved it
};

/// For one thread; places of other threads may do the same at the same time.
class trial_gate::place {
public:
  explicit place(std::shared_ptr<trial_gate> gate) : gate_(std::move(gate)) {}
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  /// Lets go of a reservation. One that ends with records in the engine stays inside for ever: nothing can be alone
  /// in this process any more, which is about to end.
  ~place() { release(); }

  /// True: records may be handed to the engine until leave(). False: another has reserved the gate.
  bool enter();

  /// Nothing of this consumer is in the engine.
  void leave();

  /// True: the gate is this consumer's, and none of the others has anything in the engine. It stays reserved when
  /// the answer is no because they have, so that they will not for long. May be repeated.
  bool reserve();

  void release();

private:
  std::shared_ptr<trial_gate> gate_;
  bool inside_ = false;
  bool holding_ = false;
};

} // namespace chalkstream::actors

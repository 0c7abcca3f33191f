// One execution context of a device: on CPUs a core, on a GPU a stream. Runs one packed batch at a time on a thread
// of its own, or one step of texts that are being written, hands on what is through, and asks the scheduler again.
// With nothing to run it may help another slot.
#pragma once

#include "actors/directory.hpp"
#include "core/clock.hpp"

namespace chalkstream::actors {

class slot_state {
public:
  using handle_type = slot_actor;
  static constexpr const char* name = "slot";

  slot_state(slot_actor::pointer self, std::size_t index, directory_ptr who, const clock* time);
  slot_actor::behavior_type make_behavior();

private:
  void run(const run_batch& given);
  void write(const run_batch& given);
  void help(const help_batch& given);
  void measure(const measure_batch& given);
  void ask(slot_ready outcome, duration busy);

  slot_actor::pointer self_;
  std::size_t index_;
  directory_ptr who_;
  const clock* time_;
};

} // namespace chalkstream::actors

// A few threads that walk through the phases of one computation together. A team of one is a plain loop. A larger
// one starts its helpers for this call and ends them with it: nothing spins between calls, other threads of the
// process are not affected, and units are claimed one by one, so a core that is busy elsewhere delays a phase by one
// unit at most.
#pragma once

#include <atomic>
#include <barrier>
#include <cstddef>
#include <functional>

namespace chalkstream::models {

class team {
public:
  /// Every member calls `body(self, member)`, member 0 being the caller, and returns when all have. `body` must not
  /// throw and must walk through the same phases on every member. A helper that cannot be started is done without.
  static void run(std::size_t members, const std::function<void(team&, std::size_t)>& body);

  /// One phase: `work(unit)` for each unit in [0, units), on whichever member claims it, and none returns before all
  /// units are done.
  template <class Work>
  void phase(std::size_t units, Work&& work) {
    if (members_ == 1) {
      for (std::size_t unit = 0; unit < units; ++unit)
        work(unit);
      return;
    }
    for (auto unit = next_.fetch_add(1, std::memory_order_relaxed); unit < units;
         unit = next_.fetch_add(1, std::memory_order_relaxed))
      work(unit);
    gate_.arrive_and_wait();
  }

  std::size_t members() const noexcept { return members_; }

private:
  struct rewind {
    std::atomic<std::size_t>* next;
    void operator()() noexcept { next->store(0, std::memory_order_relaxed); }
  };

  explicit team(std::size_t members)
      : members_(members), gate_(static_cast<std::ptrdiff_t>(members), rewind{&next_}) {}

  std::size_t members_;
  std::atomic<std::size_t> next_{0};
  std::barrier<rewind> gate_;
};

} // namespace chalkstream::models

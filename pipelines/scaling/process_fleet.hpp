// The processes of one configuration on this machine, as an autoscaler starts and ends them. They are numbered from
// 1; the highest number leaves first.
#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/log.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

class process_fleet {
public:
  virtual ~process_fleet() = default;

  /// Those that run already when it is made; they are its own from then on.
  virtual std::size_t found() const { return 0; }

  /// From now on so many. Starts what is missing; asks who is too many to drain (finish, commit, leave the group) and
  /// does not wait for it.
  virtual result<void> want(std::size_t processes) = 0;

  /// Replaces processes that ended without being asked, ever more slowly if they keep ending; to be called a few
  /// times a second.
  virtual void look_after(time_point now) = 0;

  /// Asks all to drain and waits for them, if this is their parent.
  virtual void leave() = 0;
};

/// Child processes: `command` and then what `arguments_of(number)` adds. One that has not ended `grace` after it was
/// asked is killed; what it had not committed is read again by the others. They are asked to drain if their parent
/// dies. The log outlives the fleet.
std::unique_ptr<process_fleet> spawn_fleet(std::vector<std::string> command,
                                           std::function<std::vector<std::string>(std::size_t)> arguments_of,
                                           duration grace, log& journal);

/// Instances of a systemd template: `unit`@1.service and so on, by `systemctl`. They are systemd's: it restarts them,
/// and they go on when the autoscaler ends.
std::unique_ptr<process_fleet> systemd_fleet(std::string unit, log& journal);

} // namespace chalkstream::pipelines

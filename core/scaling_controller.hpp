// How many replicas there should be, from what is seen now. Feed-forward: what will wait when a change made now takes
// effect follows from what waits, what comes, how fast that grows and when the replicas that are starting will work;
// enough replicas are wanted to work it off within the objective, and to carry what comes with some to spare.
//
// It does not flap: more are wanted only above one line and fewer only below a lower one, fewer only after a whole
// window in which no observation asked for more and no replica was added, and a change at most once an interval. A
// drain time a little over the objective must last, one over twice of it is acted on at once. What proved too few
// soon after replicas were taken away is not gone back to for a while, each time for longer. What cannot be believed
// changes nothing, and after a gap in what can be the windows begin anew.
//
// Pure: no clock, no thread. Ask it at a steady pace, about once an interval.
#pragma once

#include "core/arrival_forecast.hpp"
#include "core/scaling_policy.hpp"
#include "core/scaling_workload.hpp"

#include <deque>
#include <optional>

namespace chalkstream {

class scaling_controller {
public:
  explicit scaling_controller(const scaling_settings& settings);

  /// `now` never goes back. The caller makes the change (or fails to: what counts is what the next observation says).
  scaling_decision decide(time_point now, const scaling_observation& seen);

  const scaling_settings& settings() const noexcept { return settings_; }

private:
  /// Replicas wanted by one observation: at least `low`, and no more than `high` are of use.
  struct range {
    std::size_t low = 0;
    std::size_t high = 0;
    scaling_reason why = scaling_reason::steady;
  };
  /// What comes: ordinarily, and by the horizon.
  struct expectation {
    double steady = 0;
    double then = 0;
  };
  struct opinion {
    time_point at;
    std::size_t low;
    std::size_t high;
    double steady;
  };
  /// Replicas that are not gone below until then, and for how long.
  struct regret {
    std::size_t replicas = 0;
    time_point until{};
    duration hold{};
  };

  scaling_decision hold(scaling_fault fault) const;
  scaling_decision told(time_point now, std::size_t replicas, scaling_decision d);

  void forget_after_gap(time_point now);
  void follow(time_point now, const scaling_workload& w);
  void remember(opinion o);

  double waiting_at_horizon(time_point now, const scaling_workload& w, double arrivals) const;
  void learn(time_point now, std::size_t replicas, std::size_t wanted);
  bool too_long(time_point now, double waiting, double bearable);
  range wanted(time_point now, const scaling_workload& w, double waiting, expectation coming);
  scaling_decision more(time_point now, const scaling_workload& w, scaling_reason why, scaling_decision d) const;
  scaling_decision fewer(time_point now, const scaling_workload& w, scaling_decision d) const;
  bool covered(time_point now, duration window) const;
  bool rested(time_point now) const;

  scaling_settings settings_;
  duration horizon_;
  arrival_forecast forecast_;
  std::deque<opinion> opinions_;    // of the longer window, oldest first
  std::optional<time_point> since_; // there has been no gap in them
  std::deque<time_point> starts_;   // of replicas that do not work yet, oldest first
  std::optional<time_point> idle_since_;
  std::optional<time_point> changed_; // last
  std::optional<time_point> grown_;   // last change to more
  std::optional<time_point> shrunk_;  // last change to fewer
  std::optional<time_point> long_;    // since when the drain time has been over the objective
  regret too_few_;
  std::optional<std::size_t> told_; // last decision
};

} // namespace chalkstream

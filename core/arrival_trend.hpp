// How fast the rate of arrivals grows: the slope of a straight line through the last minute's rates, where they grew
// by more than noise does.
#pragma once

#include "core/clock.hpp"

#include <deque>

namespace chalkstream {

class arrival_trend {
public:
  /// Growth within the window below `noise`, a share of the mean rate, is none.
  explicit arrival_trend(double noise, duration window = std::chrono::minutes(1)) : noise_(noise), window_(window) {}

  void observed(time_point at, double rate);
  void forget() { points_.clear(); }

  /// Units a second, each second; never negative. 0 with fewer than three points.
  double growth() const;

private:
  struct point {
    time_point at;
    double rate;
  };

  double noise_;
  duration window_;
  std::deque<point> points_;
};

} // namespace chalkstream

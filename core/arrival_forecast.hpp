// What comes, told apart from noise: a rate that was measured over half a minute is far off now and then, where
// records differ in length. Ordinarily the level is the median of the last minutes; a rate far above it is a surge
// and believed at once, and so is how fast it grows.
#pragma once

#include "core/clock.hpp"

#include <deque>

namespace chalkstream {

class arrival_forecast {
public:
  explicit arrival_forecast(duration window = std::chrono::minutes(3)) : window_(window) {}

  /// In the order of time.
  void observed(time_point at, double rate);
  void forget() { points_.clear(); }

  /// Units a second: the median, 0 until a third of the window is known, and what is to be reckoned with, a surge
  /// included.
  double steady() const noexcept { return steady_; }
  double level() const noexcept { return level_; }

  /// Units a second, each second: the slope of the last minute while it surges, else 0.
  double growth() const noexcept { return growth_; }

private:
  struct point {
    time_point at;
    double rate;
  };

  double slope() const;

  duration window_;
  std::deque<point> points_;
  double steady_ = 0;
  double level_ = 0;
  double growth_ = 0;
};

} // namespace chalkstream

// How many lines may be logged of something that can happen to every record: a topic full of broken records must not
// fill the log. So many in a stretch of time, and what was left out is told with the next.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <optional>

namespace chalkstream {

class line_allowance {
public:
  line_allowance(std::size_t lines, duration stretch) : lines_(lines), stretch_(stretch) {}

  /// Nothing: this line is left out. Otherwise how many were since the last that was not.
  std::optional<std::size_t> ask(time_point now);

private:
  std::size_t lines_;
  duration stretch_;
  std::optional<time_point> since_; // when the stretch began
  std::size_t used_ = 0;
  std::size_t left_out_ = 0;
};

} // namespace chalkstream

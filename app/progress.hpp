// How far a start-up step is: a bar that is redrawn in place on a terminal, a line when a step begins and one when it
// ends anywhere else.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::app {

/// Where the program writes to.
struct terminal {
  bool interactive = false;
  /// Columns; 80 where nobody knows.
  std::size_t width = 80;

  /// Looks at a file descriptor. TERM=dumb is not interactive.
  static terminal of(int descriptor);
};

/// Takes text as it is to appear, control sequences included; called under a lock, from any thread.
using text_output = std::function<void(std::string_view)>;

/// Writes to a file descriptor until it is all out; what nobody reads is not an error.
text_output write_to(int descriptor);

/// Moves up over lines that were written last, and takes them off the screen.
std::string erase_lines(std::size_t lines);

/// "load minilm              [##########----------]  50 %"; never longer than `width`.
std::string progress_bar(std::string_view step, double fraction, std::size_t width);

/// Steps may overlap; the bar shows the one that moved last. Thread-safe.
class progress {
public:
  progress(terminal where, text_output out, const clock& time = clock::system());

  /// Leaves the screen clean.
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// A fraction of 1 ends the step.
  void update(std::string_view step, double fraction);

private:
  struct running_step {
    std::string name;
    time_point started{};
  };

  void clear();
  void finish(const running_step& step);

  terminal where_;
  text_output out_;
  const clock& time_;
  std::mutex lock_;
  std::vector<running_step> running_;
  std::vector<std::string> ended_;
  std::string shown_;
};

} // namespace chalkstream::app

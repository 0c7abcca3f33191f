// A training run for a person who watches: a bar with the loss and the time left on a terminal, a line a minute where
// there is none, and a line for each epoch everywhere.
#pragma once

#include "app/progress.hpp"
#include "core/clock.hpp"
#include "pipelines/tools/training/training.hpp"

#include <optional>
#include <string>

namespace chalkstream::app {

class training_view {
public:
  training_view(terminal where, text_output out, const clock& time = clock::system());

  void began(const pipelines::tools::training_parts& parts);
  void resumed(std::size_t step);
  void moved(const pipelines::tools::run_position& position);
  void epoch_ended(const pipelines::tools::epoch_record& record, bool best);

  /// Takes the bar away.
  void clear();

private:
  void line(const std::string& text);

  terminal where_;
  text_output out_;
  const clock& time_;
  time_point started_;
  time_point last_line_;
  std::optional<std::size_t> first_step_; // of this process
  std::size_t epochs_ = 0;
  std::string shown_;
};

/// "loss 0.5123, validation loss 0.6012, accuracy 0.7100"
std::string figures_line(const pipelines::tools::epoch_record& record);

} // namespace chalkstream::app

// What a run remembers of itself between processes, and shows people afterwards.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/learner.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

struct epoch_record {
  std::size_t epoch = 0; // from 1
  std::size_t step = 0;  // taken by then
  double training_loss = 0;
  validation_figures validation;
};

struct training_history {
  /// What the run was started with, "name" and value; a run goes on only with the same.
  std::vector<std::pair<std::string, std::string>> started_with;
  /// Of each step taken.
  std::vector<double> losses;
  std::vector<epoch_record> epochs;
  bool finished = false;

  /// The epoch with the best figure, if there is one.
  const epoch_record* best(std::string_view figure) const;
};

/// The value of a figure, or of "loss"; NaN if there is none of that name.
double value_of(const validation_figures& figures, std::string_view name);

/// Everything but the losses; doubles survive to the last bit, and what is not a number becomes null and back.
std::string to_json(const training_history& history);
/// `corrupt` if it is nothing that to_json wrote.
result<training_history> history_from_json(std::string_view text);

/// A row an epoch: epoch, step, training_loss, validation_loss, then the figures. And a row a step: step, loss.
std::string curve_table(const training_history& history);
std::string loss_table(const training_history& history);

/// A page-wide picture, SVG with its own colours: the losses, and the chosen figure of each epoch.
std::string curve_picture(const training_history& history, const std::string& figure);

} // namespace chalkstream::pipelines::tools

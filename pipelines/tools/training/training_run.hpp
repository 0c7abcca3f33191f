// The run itself, for any learner: epochs of steps, validation after each, the best model on disk, checkpoints, and
// an early end when nothing gets better.
//
// Into `out` go config.json, the tokenizer's files and model.safetensors of the best epoch so far,
// checkpoint.safetensors until the end, curve.csv, losses.csv and curve.svg, and training.json when it is over. Each
// appears whole or not at all, so that a process may be killed at any moment; the next one goes on from the last
// checkpoint and, on a CPU with as many threads, ends with the same weights to the last bit.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/learner.hpp"
#include "pipelines/tools/training/training_history.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace chalkstream::pipelines::tools {

struct run_settings {
  std::filesystem::path out;
  /// Go on from `out`'s checkpoint if it has one. Without, `out` must not hold a model or a checkpoint.
  bool resume = false;
  std::size_t epochs = 10;
  batch_size batch;
  /// Batches a step.
  std::size_t accumulate = 1;
  double rate = 5e-5;
  /// The share of all steps in which the rate grows; behind them it falls to 0.
  double warmup = 0.1;
  /// Epochs in a row that may be no better than the best before the run ends; 0: all.
  std::size_t patience = 3;
  /// The figure that says which epoch is best; empty: the learner's usual one.
  std::string select;
  std::uint64_t seed = 0;
  /// Steps between checkpoints, beside the one after each epoch.
  std::size_t checkpoint_every = 200;
  /// What a checkpoint must agree with beside these, "name" and value.
  std::vector<std::pair<std::string, std::string>> started_with;
};

struct run_position {
  std::size_t epoch = 0; // from 1
  std::size_t epochs = 0;
  std::size_t step = 0; // taken
  std::size_t steps = 0;
  double loss = 0; // mean over the epoch's steps so far
  /// Of the validation after an epoch; negative while learning.
  double validated = -1;
};

/// Called from the run's thread; each may be empty.
struct run_watcher {
  std::function<void(const run_position&)> moved;
  std::function<void(const epoch_record&, bool best)> epoch_ended;
  /// A run goes on from a checkpoint of this step.
  std::function<void(std::size_t step)> resumed;
  /// Asked after each step; true: write a checkpoint and end with `cancelled`.
  std::function<bool()> over;
};

struct run_report {
  training_history history;
  std::string figure;
  epoch_record best;
};

/// invalid_argument if the folder holds a model already.
result<void> check_free(const std::filesystem::path& out);

/// Blocks. internal, with the step and what to try, if the loss becomes something that is not a number; out_of_memory
/// names the batch size; invalid_argument if `out` is taken, or its checkpoint is of another run, and says in what.
result<run_report> run_training(learner& what, const run_settings& settings, const run_watcher& watcher);

} // namespace chalkstream::pipelines::tools

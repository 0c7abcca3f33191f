// An LSTM sequence to sequence that learns to write, in LibTorch's operations. Texts are sorted by length and
// computed step by step side by side, without padding; what does not hang on the step before is computed for all
// steps at once, and the output over the targets' tokens alone.
#pragma once

#include "models/training/adamw.hpp"
#include "models/training/starting_lstm.hpp"
#include "models/training/trainable_writer.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace chalkstream::models::training {

struct lstm_settings {
  adamw_settings optimiser;
  /// The share of each target that goes to all words alike.
  double smoothing = 0;
  /// "cpu", "cuda" or "cuda:1". A copy to write with runs on the CPU.
  std::string device = "cpu";
  /// Multiply the output's matrices, which are the largest, in bfloat16, and keep everything else in float32.
  bool mixed = false;
  /// Of a CPU, for all of LibTorch in this process; 0: one a core.
  std::size_t threads = 0;
};

result<std::unique_ptr<trainable_writer>> make_trainable_lstm(starting_lstm start, const lstm_settings& settings);

} // namespace chalkstream::models::training

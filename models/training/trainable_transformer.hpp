// An encoder with a decoder that learns to write: every family of such models this build serves, in LibTorch's
// operations. Linear layers run over the batch's tokens end to end, attention over its texts side by side, and the
// output over the targets' tokens alone.
#pragma once

#include "models/training/adamw.hpp"
#include "models/training/starting_writer.hpp"
#include "models/training/trainable_writer.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace chalkstream::models::training {

struct transformer_settings {
  adamw_settings optimiser;
  /// The share of each target that goes to all words alike.
  double smoothing = 0;
  /// "cpu", "cuda" or "cuda:1".
  std::string device = "cpu";
  /// Multiply matrices in bfloat16, and keep everything else in float32: GPUs, and CPUs that have instructions for
  /// it.
  bool mixed = false;
  /// Of a CPU, for all of LibTorch in this process; 0: one a core.
  std::size_t threads = 0;
};

result<std::unique_ptr<trainable_writer>> make_trainable_transformer(starting_writer start,
                                                                     const transformer_settings& settings);

} // namespace chalkstream::models::training

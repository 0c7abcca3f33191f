// The learner of classify, regress, pair and span: an encoder with a head over texts or over tokens.
#pragma once

#include "core/error.hpp"
#include "models/training/adamw.hpp"
#include "pipelines/tools/training/learner.hpp"
#include "pipelines/tools/training/split.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace chalkstream::pipelines::tools {

enum class label_weights : std::uint8_t { equal, balanced };

struct encoder_settings {
  /// A Hugging Face directory of a family of encoders.
  std::filesystem::path model;
  learnt learns = learnt::label;
  /// balanced: a label counts the more the rarer it is; all together count as many as there are examples.
  label_weights weights = label_weights::equal;
  /// What is longer is cut; of span, learnt in windows. 0: as long as the model reads.
  std::size_t max_tokens = 0;
  models::training::adamw_settings optimiser;
  std::string device = "cpu";
  bool mixed = false;
  std::size_t threads = 0;
  std::uint64_t seed = 0;
};

/// Tokenises everything. Errors are those of the model's directory and of texts that cannot be tokenised; a label of
/// the validation part that the training part lacks, and scores that are all the same, are invalid_argument.
result<std::unique_ptr<learner>> make_encoder_learner(const split_examples& examples,
                                                      const encoder_settings& settings);

} // namespace chalkstream::pipelines::tools

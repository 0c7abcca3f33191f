// The learner of ocr-line: a net that reads lines (models/reading).
#pragma once

#include "core/error.hpp"
#include "models/training/trainable_line_reader.hpp"
#include "pipelines/tools/training/images/augmentation.hpp"
#include "pipelines/tools/training/images/line_files.hpp"
#include "pipelines/tools/training/learner.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct line_settings {
  augmentation_settings augmentation;
  /// Empty: as usual.
  std::vector<std::size_t> hidden_sizes;
  models::training::optimiser_settings optimiser = models::training::adamw_settings{};
  std::string device = "cpu";
  bool mixed = false;
  std::size_t threads = 0;
  std::uint64_t seed = 0;
};

/// Over the characters of the training part. Its figures are cer, the characters that are wrong, missing or too many
/// for each right one, and exact, the share of lines without a mistake; beside the model it writes report.html of the
/// epoch.
result<std::unique_ptr<learner>> make_line_learner(split_lines parts, const line_settings& settings);

} // namespace chalkstream::pipelines::tools

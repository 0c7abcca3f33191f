// The recipes classify and regress without a model to start from: a linear model over n-grams (models/ngrams), for
// essays in any language of which there are some hundreds rather than millions.
#pragma once

#include "pipelines/tools/training/split.hpp"
#include "pipelines/tools/training/training_run.hpp"

#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct ngram_options {
  double penalty = 1;
  double shape_weight = 0.2;
  /// Of classify: its levels, lowest first.
  std::vector<std::string> scale;
};

/// Learns from the training part in one go. The cuts between levels are fitted to scores of fifteen models, each of
/// which has not seen a fifth of the groups. invalid_argument for a label outside the scale, or fewer than ten examples;
/// likewise if `settings.out` holds a model already.
result<run_report> train_ngrams(const split_examples& parts, const ngram_options& options,
                                const run_settings& settings, const run_watcher& watcher);

} // namespace chalkstream::pipelines::tools

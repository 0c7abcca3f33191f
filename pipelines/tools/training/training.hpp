// `chalkstream train`: from a person's files and a model's directory to a fine-tuned one. Everything that can be
// wrong with the data and the settings is an error before the first step.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/encoder_learner.hpp"
#include "pipelines/tools/training/examples.hpp"
#include "pipelines/tools/training/images/gan_learner.hpp"
#include "pipelines/tools/training/images/image_learner.hpp"
#include "pipelines/tools/training/images/line_learner.hpp"
#include "pipelines/tools/training/ngram_training.hpp"
#include "pipelines/tools/training/training_run.hpp"
#include "pipelines/tools/training/writing_learner.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct training_settings {
  data_settings data;
  std::vector<std::filesystem::path> files;
  /// Empty: whole groups of `files`, about this share of the rows.
  std::vector<std::filesystem::path> validation;
  double validation_share = 0.1;
  /// Of pair: so many times each training row beside a reference drawn anew (drawn_references.hpp); 0: once, beside
  /// the closest.
  std::size_t drawn_references = 0;
  /// Of seq2seq: where there is one, `files` and `validation` are one plain text each, and these what is to be
  /// written from each line of them.
  std::filesystem::path targets, validation_targets;
  encoder_settings encoder;
  /// Instead of an encoder.
  std::optional<ngram_options> ngrams;
  /// Of seq2seq, instead of an encoder.
  writer_settings writer;
  /// Of image-classify, instead of an encoder.
  image_settings images;
  /// Of image-classify: learnt from beside `files`.
  std::vector<std::filesystem::path> synthetic;
  /// Of gan, instead of an encoder.
  gan_settings gan;
  /// Of ocr-line, instead of an encoder.
  line_settings lines;
  run_settings run;
};

struct training_parts {
  std::size_t training = 0; // rows, or pictures
  std::size_t validation = 0;
  std::size_t training_groups = 0; // 0: rows have none
  std::size_t validation_groups = 0;
};

/// `began` hears how many rows there are once they have been found right. Errors: those of read_examples, the split,
/// the learner and the run.
result<run_report> train(const training_settings& settings, const run_watcher& watcher,
                         const std::function<void(const training_parts&)>& began);

} // namespace chalkstream::pipelines::tools

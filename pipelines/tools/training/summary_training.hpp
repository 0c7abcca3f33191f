// The recipe summarize: which sentences people's summaries are made of. The encoder stays as it is; a linear head
// over what is seen of each sentence (education/sentence_features.hpp) learns the sentence's ROUGE-1 against the
// references, by ridge regression. Sentences are found and read exactly as the pipeline and `infer` do it.
#pragma once

#include "pipelines/tools/training/encoder_learner.hpp"
#include "pipelines/tools/training/split.hpp"
#include "pipelines/tools/training/training_run.hpp"

namespace chalkstream::pipelines::tools {

/// Writes the encoder's files, the head's (pipelines/summary_head_directory.hpp) and training.json; takes as long as
/// it takes to read each text twice. Nothing is random: the same rows and encoder give the same bits, with any number
/// of threads. The validation part is judged by the one sentence that the head puts first: rouge1, rouge2, rougeL.
/// Errors are the encoder's; invalid_argument for fewer than 20 texts with two sentences to learn from; cancelled.
result<run_report> train_summary_head(const split_examples& parts, const encoder_settings& encoder,
                                      const run_settings& settings, const run_watcher& watcher);

} // namespace chalkstream::pipelines::tools

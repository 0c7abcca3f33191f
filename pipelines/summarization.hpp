// Texts to their most telling sentences: extractive summaries, with an encoder alone.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/summarizer.hpp"
#include "pipelines/text_task.hpp"

#include <optional>

namespace chalkstream::pipelines {

struct summarization_settings {
  task_settings task;
  task_model encoder;
  summary_settings summary;
  /// A person looks at what is less certain than this; absent: the confidence decides nothing.
  std::optional<double> review_below;
};

/// Serves essay, short_answer and question; an event's max_sentences goes before the configured length. A text the
/// model cannot read (language, script, unknown words) or without a word gets a null summary and decision "review".
/// One that has no more sentences than its summary may have is its own summary, to review. One that is longer than
/// max_tokens is cut and reviewed, or rejected as text_too_long.
class summarization final : public task {
public:
  explicit summarization(summarization_settings settings);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  reply conclude(outcome what, std::optional<summary> made, const timing& spent) const;

  summarization_settings settings_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines

// Text to a vector of unit length, for searches and comparisons elsewhere.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/text_task.hpp"

namespace chalkstream::pipelines {

/// Serves short_answer, essay and question. A text the model cannot read (language, script, unknown words) or that
/// was cut gets its vector nevertheless, with the reason beside it and decision "review".
class embedding final : public task {
public:
  embedding(task_settings settings, task_model encoder);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  task_settings settings_;
  task_model encoder_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines

// The pipeline that measures the engine: decodes an event and answers with the size of its value. No model.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/text_task.hpp"

namespace chalkstream::pipelines {

class echo final : public task {
public:
  explicit echo(task_settings settings);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  task_settings settings_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines

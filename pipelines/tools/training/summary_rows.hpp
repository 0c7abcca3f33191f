// Rows of the recipe summarize as the pipeline would read them.
#pragma once

#include "core/model.hpp"
#include "pipelines/summarizer.hpp"
#include "pipelines/tools/training/encoder_learner.hpp"
#include "pipelines/tools/training/examples.hpp"
#include "pipelines/tools/training/training_run.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace chalkstream::pipelines::tools {

struct summary_row {
  const text_example* example = nullptr;
  summary_draft draft;
  std::vector<sequence> sequences;
  output_rows rows;
};

class summary_reader {
public:
  /// Loads the encoder onto the CPU. Errors are its directory's.
  static result<summary_reader> make(const encoder_settings& settings);

  /// Hands over the rows in their order, some at a time. `read` hears how many texts have been; true ends it with
  /// `cancelled`. A text that cannot be tokenised is an error with its file and line. Blocks.
  result<void> read(const example_set& set, const std::function<result<void>(summary_row&&)>& take,
                    const std::function<bool(std::size_t)>& read) const;

private:
  result<summary_row> read_one(const example_set& set, const text_example& example) const;

  task_model encoder_;
  std::shared_ptr<const model> compute_;
  std::size_t threads_ = 1;
};

} // namespace chalkstream::pipelines::tools

// Questions of learners to answers out of course material: the passages that are nearest to a question, then the
// stretch of one of them that answers it, word for word.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/passage_index.hpp"
#include "pipelines/span_reader.hpp"
#include "pipelines/text_task.hpp"

#include <memory>
#include <optional>
#include <span>

namespace chalkstream::pipelines {

struct answering_settings {
  task_settings task;
  task_model encoder;
  /// Absent: passages are found, and a person answers.
  std::optional<task_model> reader;
  span_settings span;
  /// Passages found for a question, and read.
  std::size_t passages = 5;
  /// Less similar than this is about something else.
  double least_similarity = 0.25;
  /// The reader's answer is none if it is less sure than this.
  double no_answer_below = 0.1;
  /// A person looks at what is less certain than this.
  double review_below = 0.5;
};

/// Serves question. The encoder's row finds passages; where there is a reader, they and the question are a second
/// work for it, all windows of all passages at once. Without a passage, a reader or an answer the result has none and
/// decision "review".
class answering final : public task {
public:
  answering(answering_settings settings, std::shared_ptr<const passage_index> index);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  struct question;
  task_step found(const question& asked, const output_rows& rows, const timing& spent) const;
  task_step read(const question& asked, outcome what, const timing& spent) const;
  task_step answered(const work& done, const output_rows& rows, const timing& spent) const;
  void cite(std::span<const passage_hit> hits, outcome& what) const;
  reply conclude(outcome what, const timing& spent) const;

  answering_settings settings_;
  std::shared_ptr<const passage_index> index_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines

// Questions of learners to answers out of course material: the passages that are nearest to a question, then the
// stretch of one of them that answers it, word for word, or an answer that a model writes from them.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/passage_index.hpp"
#include "pipelines/prompt_template.hpp"
#include "pipelines/span_reader.hpp"
#include "pipelines/text_task.hpp"
#include "pipelines/text_writer.hpp"

#include <memory>
#include <optional>
#include <span>

namespace chalkstream::pipelines {

struct answer_writer {
  text_writer writer;
  prompt_template prompt;
};

struct answering_settings {
  task_settings task;
  task_model encoder;
  /// One of them at most; with neither, passages are found, and a person answers.
  std::optional<task_model> reader;
  std::optional<answer_writer> writer;
  span_settings span;
  /// Passages found for a question, and read.
  std::size_t passages = 5;
  /// Less similar than this is about something else.
  double least_similarity = 0.25;
  /// An answer that is less certain than this is none. A reader says how sure it is; an answer that was written is as
  /// certain as it is similar to the nearest of the passages it was written from.
  double no_answer_below = 0.1;
  /// A person looks at what is less certain than this.
  double review_below = 0.5;
};

/// Serves question. The encoder's row finds passages; where there is a reader, they and the question are a second
/// work for it, all windows of all passages at once. A writer gets as many of the passages as its prompt has room
/// for, and what it wrote goes to the encoder once more. Without a passage, a reader or writer, or an answer the
/// result has none and decision "review".
class answering final : public task {
public:
  answering(answering_settings settings, std::shared_ptr<const passage_index> index);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  // What one step leaves for the next.
  struct step;
  struct question;
  struct reading;
  struct writing;
  struct written;
  task_step found(const question& asked, const output_rows& rows, const timing& spent) const;
  task_step read(const question& asked, outcome what, const timing& spent) const;
  task_step answered(const reading& was, const output_rows& rows, const timing& spent) const;
  task_step write(const question& asked, outcome what, std::span<const passage_hit> hits, const timing& spent) const;
  task_step wrote(const writing& was, const output_rows& rows, const timing& spent) const;
  task_step compared(const written& was, const output_rows& rows, const timing& spent) const;
  std::optional<review_note> unreadable_to_any(const event& from) const;
  void cite(std::span<const passage_hit> hits, outcome& what) const;
  reply conclude(outcome what, const timing& spent) const;

  answering_settings settings_;
  std::shared_ptr<const passage_index> index_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines

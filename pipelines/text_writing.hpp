// Texts to texts, with a model that writes: translations, summaries in words of their own, and feedback.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/prompt_template.hpp"
#include "pipelines/text_task.hpp"
#include "pipelines/text_writer.hpp"

#include <optional>
#include <string>

namespace chalkstream::pipelines {

struct text_writing_settings {
  task_settings task;
  /// translation, summary or feedback: what the text becomes.
  education::result_kind becomes = education::result_kind::summary;
  text_writer writer;
  /// Around the event's text; absent: the text alone.
  std::optional<prompt_template> prompt;
  /// Of a translation, as BCP 47 tags. A text in another language than `from` goes to a person; empty: any.
  std::string from_language;
  std::string to_language;
};

/// Serves short_answer, essay and question. A text the model cannot read (language, script, unknown words) gets no
/// text and decision "review"; what was cut, before or while it was written, is reviewed, too. One over the model's
/// length is cut, or rejected as text_too_long.
class text_writing final : public task {
public:
  explicit text_writing(text_writing_settings settings);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  std::optional<review_note> why_unreadable(const event& from) const;
  result<text_prompts> prompts(const event& from) const;
  reply conclude(outcome what, std::string text, const timing& spent) const;

  text_writing_settings settings_;
  education::event_decoder decoder_;
};

} // namespace chalkstream::pipelines

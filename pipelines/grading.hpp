// Short answers and essays to grades.
#pragma once

#include "education/event_decoder.hpp"
#include "pipelines/essay_score.hpp"
#include "pipelines/reference_cache.hpp"
#include "pipelines/text_task.hpp"

#include <optional>

namespace chalkstream::pipelines {

/// A cross-encoder: it reads a short answer beside the references that have the most words in common with it, and
/// right graded answers most like it.
struct answer_head {
  task_model model;
  /// What each of its logits stands for.
  std::vector<education::answer_class> classes;
};

struct essay_head {
  task_model model;
  essay_outputs outputs;
};

struct grading_settings {
  task_settings task;
  /// For short answers, either or both; with neither, they go to review. The encoder's vectors feed the fitted model;
  /// where a cross-encoder reads the answer too, both opinions are pooled (education/pooled_opinions.hpp).
  std::optional<task_model> encoder;
  std::optional<answer_head> answer_model;
  /// For essays; absent: they go to review.
  std::optional<essay_head> essay_model;
  /// A person looks at what is less certain than this; absent: the short-answer fit's own threshold.
  std::optional<double> review_below;
  std::size_t cached_references = 4096;
};

/// What cannot be judged gets a null score, decision "review" and a reason: no reference answer, a language or script
/// the model does not know, too many unknown words, no model for the kind. So does whatever education::judge finds
/// unusual, a text that was cut, and a confidence below the threshold (with the score the model would give).
class grading final : public task {
public:
  explicit grading(grading_settings settings);

  task_step prepare(const record& input) const override;
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  task_step prepare_short_answer(outcome what, const event& from, time_point start) const;
  task_step prepare_essay(outcome what, const event& from, time_point start) const;
  reply review(outcome what, std::string why, time_point start) const;

  grading_settings settings_;
  education::event_decoder decoder_;
  mutable reference_cache references_;
};

} // namespace chalkstream::pipelines

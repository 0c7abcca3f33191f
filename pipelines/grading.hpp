// Short answers and essays to grades; those on scans are read first.
#pragma once

#include "education/event_decoder.hpp"
#include "models/image/decode.hpp"
#include "pipelines/essay_score.hpp"
#include "pipelines/image_source.hpp"
#include "pipelines/page_reader.hpp"
#include "pipelines/reference_cache.hpp"
#include "pipelines/text_task.hpp"

#include <optional>
#include <variant>

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

/// How answers are read that come as images.
struct scan_reading {
  reading_model reader;
  image_source source;
  image::decode_limits limits;
  /// A person looks at a grade that rests on a less certain reading.
  double review_below = unsure_reading;
};

struct grading_settings {
  task_settings task;
  /// For short answers, either or both; with neither, they go to review. The encoder's vectors feed the fitted model;
  /// where a cross-encoder reads the answer too, both opinions are pooled (education/pooled_opinions.hpp).
  std::optional<task_model> encoder;
  std::optional<answer_head> answer_model;
  /// For essays; absent: they go to review.
  std::optional<essay_head> essay_model;
  /// Absent: images are not served.
  std::optional<scan_reading> scans = {};
  /// A person looks at what is less certain than this; absent: the short-answer fit's own threshold.
  std::optional<double> review_below;
  std::size_t cached_references = 4096;
};

/// An image is read in a step of its own, and its text goes on as if it had come in the event: as a short answer
/// where the event brings references, else as an essay. The result has the text, and how sure its reader was.
///
/// What cannot be judged gets a null score, decision "review" and a reason: no reference answer, a language or script
/// the model does not know, too many unknown words, no model for the kind. So does whatever education::judge finds
/// unusual, a text that was cut, and a confidence below the threshold (with the score the model would give), the
/// reader's too.
class grading final : public task {
public:
  explicit grading(grading_settings settings);

  task_step prepare(const record& input) const override;
  bool prepares_long() const noexcept override { return settings_.scans.has_value(); }
  std::size_t waits_at_once() const noexcept override {
    return settings_.scans ? settings_.scans->source.waits_at_once() : 0;
  }
  task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const override;

private:
  /// Where the time went: since prepare began, or as complete was told.
  using spent_so_far = std::variant<time_point, timing>;

  task_step prepare_scan(outcome what, event from, time_point start) const;
  task_step complete_scan(outcome what, event from, const pages_to_read& asked, const output_rows& rows,
                          const spent_so_far& spent) const;
  task_step prepare_text(outcome what, const event& from, const spent_so_far& spent) const;
  task_step prepare_short_answer(outcome what, const event& from, const spent_so_far& spent) const;
  task_step prepare_essay(outcome what, const event& from, const spent_so_far& spent) const;
  reply review(outcome what, std::optional<review_note> why, const spent_so_far& spent) const;

  grading_settings settings_;
  education::event_decoder decoder_;
  mutable reference_cache references_;
};

} // namespace chalkstream::pipelines

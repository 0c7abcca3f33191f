#include "pipelines/grading.hpp"

#include "pipelines/short_answer_steps.hpp"

namespace chalkstream::pipelines {

namespace {

constexpr double essay_review_below = 0.6;

struct essay_state final : grading_state {
  using grading_state::grading_state;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache&,
                     const timing& spent) const override {
    auto what = result;
    if (rows.size() != 1 || !score_essay(settings.essay_model->outputs, rows.row(0), what))
      return unusable_output();
    what.feedback = "The score is the essay model's estimate.";
    return decide(settings, std::move(what), settings.review_below.value_or(essay_review_below), spent);
  }
};

} // namespace

grading::grading(grading_settings settings)
    : settings_(std::move(settings)),
      decoder_(settings_.task.pseudonyms, education::only({event_type::short_answer, event_type::essay}),
               {.max_bytes = settings_.task.max_bytes}),
      references_(settings_.cached_references) {}

task_step grading::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  const auto& from = std::get<event>(decoded);
  auto what = outline(settings_.task, input, from);
  what.max_score = from.max_score.value_or(1);
  auto step = from.type == event_type::essay ? prepare_essay(std::move(what), from, start)
                                             : prepare_short_answer(std::move(what), from, start);
  if (auto* next = std::get_if<work>(&step)) {
    next->urgency = from.urgency;
    next->deadline = from.deadline;
  }
  return step;
}

task_step grading::prepare_short_answer(outcome what, const event& from, time_point start) const {
  if (!settings_.encoder && !settings_.answer_model)
    return review(std::move(what), "no model for short answers is configured", start);
  if (from.references.empty())
    return review(std::move(what), "no reference answer came with the event", start);
  auto step = first_step(settings_, std::move(what), from, references_);
  if (auto* unread = std::get_if<outcome>(&step))
    return review(std::move(*unread), {}, start);
  if (auto* refused = std::get_if<rejection>(&step))
    return std::move(*refused);
  return std::get<work>(std::move(step));
}

task_step grading::prepare_essay(outcome what, const event& from, time_point start) const {
  if (!settings_.essay_model)
    return review(std::move(what), "no trained essay model is configured", start);
  const auto& head = settings_.essay_model->model;
  what.model = head.identity;
  if (auto why = unreadable(head, from.lang, from.text); !why.empty())
    return review(std::move(what), std::move(why), start);
  auto tokenised = cut(head, from.text);
  if (!tokenised)
    return unprepared(tokenised.error());
  auto& essay = *tokenised;
  if (auto why = unreadable(essay); !why.empty())
    return review(std::move(what), std::move(why), start);
  if (essay.truncated && settings_.task.text_too_long == overlong::reject)
    return over_length(head);
  if (essay.truncated)
    what.reasons.emplace_back(truncated_reason);
  work next;
  next.model = head.index;
  next.sequences.push_back(std::move(essay.tokens));
  next.state = std::make_shared<essay_state>(std::move(what));
  return next;
}

reply grading::review(outcome what, std::string why, time_point start) const {
  what.verdict = decision::review;
  if (!why.empty())
    what.reasons.push_back(std::move(why));
  what.feedback = "A person will grade this.";
  return finish(settings_.task, education::result_kind::grade, std::move(what),
                prepared_since(settings_.task, start));
}

task_step grading::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  return static_cast<const grading_state&>(*done.state).conclude(settings_, rows, references_, spent);
}

} // namespace chalkstream::pipelines

#include "pipelines/grading.hpp"

#include "pipelines/short_answer_steps.hpp"

#include <span>
#include <utility>

namespace chalkstream::pipelines {

namespace {

constexpr double essay_review_below = 0.6;
constexpr fixed_note no_answer_model{review_reason::no_model, "no model for short answers is configured"};
constexpr fixed_note no_reference{review_reason::nothing_found, "no reference answer came with the event"};
constexpr fixed_note no_essay_model{review_reason::no_model, "no trained essay model is configured"};

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

/// An answer that is being read.
struct scan_state final : task_state {
  scan_state(outcome what, event from, pages_to_read to_read)
      : result(std::move(what)), submitted(std::move(from)), asked(std::move(to_read)) {}
  outcome result;
  event submitted;
  pages_to_read asked;
};

education::event_types served(const grading_settings& settings) {
  auto types = education::only({event_type::short_answer, event_type::essay});
  types.set(static_cast<std::size_t>(event_type::image), settings.scans.has_value());
  return types;
}

} // namespace

grading::grading(grading_settings settings)
    : settings_(std::move(settings)),
      decoder_(settings_.task.pseudonyms, served(settings_), {.max_bytes = settings_.task.max_bytes}),
      references_(settings_.cached_references) {}

task_step grading::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = settings_.scans ? decoder_.decode(input) : decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto& from = std::get<event>(decoded);
  auto what = outline(settings_.task, input, from);
  what.max_score = from.max_score.value_or(1);
  return from.type == event_type::image ? prepare_scan(std::move(what), std::move(from), start)
                                        : prepare_text(std::move(what), from, start);
}

task_step grading::prepare_scan(outcome what, event from, time_point start) const {
  const auto& scans = *settings_.scans;
  auto file = scans.source.read(std::move(*from.image));
  if (auto* refused = std::get_if<rejection>(&file))
    return std::move(*refused);
  from.image.reset();
  auto pages = image::decode(std::as_bytes(std::span(std::get<std::string>(file))), scans.limits);
  if (!pages)
    return not_seen(pages.error());
  work next;
  next.model = scans.reader.index;
  auto asked = ask_to_read(std::move(*pages), scans.reader.split, next.sequences);
  if (!asked)
    return not_seen(asked.error());
  if (next.sequences.empty()) // there is no line to read
    return complete_scan(std::move(what), std::move(from), *asked, {}, start);
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::make_shared<scan_state>(std::move(what), std::move(from), std::move(*asked));
  return next;
}

task_step grading::complete_scan(outcome what, event from, const pages_to_read& asked, const output_rows& rows,
                                 const spent_so_far& spent) const {
  auto found = read_pages(asked, rows.readings);
  if (!found)
    return unusable_output();
  const auto& scans = *settings_.scans;
  what.reader = scans.reader.identity;
  what.reading_confidence = found->confidence;
  what.reasons = std::move(found->reasons);
  if (found->confidence && *found->confidence < scans.review_below) {
    auto unsure = not_sure_enough(*found->confidence, scans.review_below);
    what.reasons.emplace_back(unsure.reason, "the reader's " + unsure.sentence);
  }
  from.text = found->text;
  from.type = from.references.empty() && settings_.essay_model ? event_type::essay : event_type::short_answer;
  what.text = std::move(found->text);
  return from.text.empty() ? review(std::move(what), {}, spent) : prepare_text(std::move(what), from, spent);
}

task_step grading::prepare_text(outcome what, const event& from, const spent_so_far& spent) const {
  auto step = from.type == event_type::essay ? prepare_essay(std::move(what), from, spent)
                                             : prepare_short_answer(std::move(what), from, spent);
  if (auto* next = std::get_if<work>(&step)) {
    next->urgency = from.urgency;
    next->deadline = from.deadline;
  }
  return step;
}

task_step grading::prepare_short_answer(outcome what, const event& from, const spent_so_far& spent) const {
  if (!settings_.encoder && !settings_.answer_model)
    return review(std::move(what), no_answer_model, spent);
  if (from.references.empty())
    return review(std::move(what), no_reference, spent);
  auto step = first_step(settings_, std::move(what), from, references_);
  if (auto* unread = std::get_if<outcome>(&step))
    return review(std::move(*unread), {}, spent);
  if (auto* refused = std::get_if<rejection>(&step))
    return std::move(*refused);
  return std::get<work>(std::move(step));
}

task_step grading::prepare_essay(outcome what, const event& from, const spent_so_far& spent) const {
  if (!settings_.essay_model)
    return review(std::move(what), no_essay_model, spent);
  const auto& head = settings_.essay_model->model;
  what.model = head.identity;
  if (auto why = unreadable(head, from.lang, from.text))
    return review(std::move(what), std::move(why), spent);
  auto tokenised = cut(head, from.text);
  if (!tokenised)
    return unprepared(tokenised.error());
  auto& essay = *tokenised;
  if (auto why = unreadable(essay))
    return review(std::move(what), std::move(why), spent);
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

reply grading::review(outcome what, std::optional<review_note> why, const spent_so_far& spent) const {
  what.verdict = decision::review;
  if (why)
    what.reasons.push_back(std::move(*why));
  what.feedback = "A person will grade this.";
  const auto* told = std::get_if<timing>(&spent);
  return finish(settings_.task, education::result_kind::grade, std::move(what),
                told != nullptr ? *told : prepared_since(settings_.task, std::get<time_point>(spent)));
}

task_step grading::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  if (const auto* scan = dynamic_cast<const scan_state*>(done.state.get()))
    return complete_scan(scan->result, scan->submitted, scan->asked, rows, spent);
  return static_cast<const grading_state&>(*done.state).conclude(settings_, rows, references_, spent);
}

} // namespace chalkstream::pipelines

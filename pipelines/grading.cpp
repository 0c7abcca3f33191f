#include "pipelines/grading.hpp"

#include "education/short_answer.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines {

namespace {

using education::embedded_text;
using education::reference_answer;

struct grading_state : task_state {
  explicit grading_state(outcome what) : result(std::move(what)) {}
  virtual task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache& cache,
                             const timing& spent) const = 0;
  outcome result;
};

/// Four decimals: a score is an estimate, and nobody marks finer.
double rounded(double score) {
  return std::round(score * 1e4) / 1e4;
}

reply decide(const grading_settings& settings, outcome what, double review_below, const timing& spent) {
  if (what.confidence && *what.confidence < review_below)
    what.reasons.push_back(not_sure_enough(*what.confidence, review_below));
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings.task, education::result_kind::grade, std::move(what), spent);
}

struct short_answer_state final : grading_state {
  using grading_state::grading_state;
  std::string text;
  std::vector<std::string> reference_texts;
  /// Those the cache had; the others are sequences of the work, after the answer, in order.
  std::vector<std::shared_ptr<const reference_answer>> references;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache& cache,
                     const timing& spent) const override {
    auto known = references;
    std::size_t next = 1;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (known[i])
        continue;
      auto vector = next < rows.size() ? unit_vector(rows.row(next)) : std::vector<float>{};
      ++next;
      if (vector.empty())
        return unusable_output();
      known[i] =
          std::make_shared<const reference_answer>(education::make_reference(reference_texts[i], std::move(vector)));
      cache.keep(known[i]);
    }
    auto vector = next == rows.size() ? unit_vector(rows.row(0)) : std::vector<float>{};
    if (vector.empty())
      return unusable_output();
    const embedded_text answer{text, education::analyse(text), std::move(vector)};
    std::vector<const reference_answer*> views;
    views.reserve(known.size());
    for (const auto& reference : known)
      views.push_back(reference.get());

    auto verdict = education::judge(answer, views);
    auto what = result;
    what.score = rounded(verdict.credit * *what.max_score);
    what.label = std::move(verdict.label);
    what.confidence = rounded(verdict.confidence);
    what.missed = std::move(verdict.missed);
    what.feedback = std::move(verdict.feedback);
    std::move(verdict.reasons.begin(), verdict.reasons.end(), std::back_inserter(what.reasons));
    return decide(settings, std::move(what), settings.review_below.value_or(education::default_review_threshold()),
                  spent);
  }
};

struct essay_state final : grading_state {
  using grading_state::grading_state;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache&,
                     const timing& spent) const override {
    if (rows.size() != 1
        || !std::all_of(rows.values.begin(), rows.values.end(), [](float x) { return std::isfinite(x); }))
      return unusable_output();
    auto what = result;
    double share = 0;
    if (rows.width == 1) {
      share = std::clamp<double>(rows.row(0)[0], 0, 1);
      what.label = "scored";
      what.reasons.emplace_back("the essay model gives no confidence");
    } else {
      const auto logits = rows.row(0);
      const auto likeliest = std::max_element(logits.begin(), logits.end());
      double sum = 0, level = 0;
      for (std::size_t i = 0; i < logits.size(); ++i) {
        const double weight = std::exp(static_cast<double>(logits[i]) - static_cast<double>(*likeliest));
        sum += weight;
        level += weight * static_cast<double>(i);
      }
      share = level / sum / static_cast<double>(logits.size() - 1);
      what.confidence = rounded(1 / sum);
      what.label = "level_" + std::to_string(likeliest - logits.begin());
    }
    what.score = rounded(share * *what.max_score);
    what.feedback = "The score is the essay model's estimate.";
    return decide(settings, std::move(what), settings.review_below.value_or(0.6), spent);
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
  if (!settings_.encoder)
    return review(std::move(what), "no model for short answers is configured", start);
  const auto& encoder = *settings_.encoder;
  what.model = encoder.identity;
  if (from.references.empty())
    return review(std::move(what), "no reference answer came with the event", start);
  if (auto why = unreadable(encoder, from.lang, from.text); !why.empty())
    return review(std::move(what), std::move(why), start);
  auto tokenised = cut(encoder, from.text);
  if (!tokenised)
    return unprepared(tokenised.error());
  auto& answer = *tokenised;
  if (auto why = unreadable(answer); !why.empty())
    return review(std::move(what), std::move(why), start);
  if (answer.truncated && settings_.task.text_too_long == overlong::reject)
    return over_length(encoder);
  if (answer.truncated)
    what.reasons.emplace_back(truncated_reason);

  auto state = std::make_shared<short_answer_state>(std::move(what));
  work next;
  next.model = encoder.index;
  next.sequences.push_back(std::move(answer.tokens));
  bool reference_cut = false;
  for (const auto& reference : from.references) {
    auto known = references_.find(reference);
    if (!known) {
      auto piece = cut(encoder, reference);
      if (!piece)
        return unprepared(piece.error());
      reference_cut |= piece->truncated;
      next.sequences.push_back(std::move(piece->tokens));
    }
    state->references.push_back(std::move(known));
  }
  if (reference_cut)
    state->result.reasons.emplace_back("a reference answer is longer than the model reads");
  state->text = from.text;
  state->reference_texts = from.references;
  next.state = std::move(state);
  return next;
}

task_step grading::prepare_essay(outcome what, const event& from, time_point start) const {
  if (!settings_.essay_model)
    return review(std::move(what), "no trained essay model is configured", start);
  const auto& head = *settings_.essay_model;
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
  what.reasons.push_back(std::move(why));
  what.feedback = "A person will grade this.";
  return finish(settings_.task, education::result_kind::grade, std::move(what),
                prepared_since(settings_.task, start));
}

task_step grading::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  return static_cast<const grading_state&>(*done.state).conclude(settings_, rows, references_, spent);
}

} // namespace chalkstream::pipelines

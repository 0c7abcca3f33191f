#include "pipelines/short_answer_steps.hpp"

#include "education/short_answer.hpp"
#include "pipelines/answer_labels.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

using education::embedded_text;
using education::reference_answer;

constexpr double share_of_a_cross_encoder = 0.5;
constexpr std::string_view reference_cut = "a reference answer is longer than the model reads";

/// What the steps carry on.
struct answer_in_work {
  embedded_text answer;
  std::vector<std::string> reference_texts;
  std::vector<std::shared_ptr<const reference_answer>> references;
  std::optional<priority> urgency;
  std::optional<wall_time> deadline;
};

reply conclude(const grading_settings& settings, outcome what, education::judgement verdict, const timing& spent) {
  what.score = rounded(verdict.credit * *what.max_score);
  what.label = std::move(verdict.label);
  what.confidence = rounded(verdict.confidence);
  what.missed = std::move(verdict.missed);
  what.feedback = std::move(verdict.feedback);
  std::move(verdict.reasons.begin(), verdict.reasons.end(), std::back_inserter(what.reasons));
  return decide(settings, std::move(what), settings.review_below.value_or(education::default_review_threshold()),
                spent);
}

std::vector<const reference_answer*> views_of(const answer_in_work& of) {
  std::vector<const reference_answer*> views;
  views.reserve(of.references.size());
  for (const auto& reference : of.references)
    views.push_back(reference.get());
  return views;
}

struct reading_state final : grading_state {
  reading_state(outcome what, answer_in_work carried) : grading_state(std::move(what)), in_work(std::move(carried)) {}
  answer_in_work in_work;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache&,
                     const timing& spent) const override {
    if (rows.size() != 1)
      return unusable_output();
    const auto read = answer_probabilities_of(rows.row(0), settings.answer_model->classes);
    if (!read)
      return unusable_output();
    const double weight = settings.encoder ? share_of_a_cross_encoder : 1;
    return pipelines::conclude(settings, result, education::judge(in_work.answer, views_of(in_work), *read, weight),
                               spent);
  }
};

/// Has the cross-encoder read the answer beside the closest reference.
task_step read(const grading_settings& settings, outcome what, answer_in_work in_work) {
  const auto& reader = *settings.answer_model;
  const auto& beside =
      in_work.reference_texts[education::closest_in_words(in_work.answer.text, in_work.reference_texts)];
  auto pair = cut(reader.model, in_work.answer.text, beside);
  if (!pair)
    return unprepared(pair.error());
  if (pair->truncated && settings.task.text_too_long == overlong::reject)
    return over_length(reader.model);
  if (pair->truncated && std::find(what.reasons.begin(), what.reasons.end(), truncated_reason) == what.reasons.end())
    what.reasons.emplace_back(truncated_reason);
  work next;
  next.model = reader.model.index;
  next.urgency = in_work.urgency;
  next.deadline = in_work.deadline;
  next.sequences.push_back(std::move(pair->tokens));
  next.state = std::make_shared<reading_state>(std::move(what), std::move(in_work));
  return next;
}

/// References that the cache had are there already; the others are sequences of the work, after the answer, in order.
struct embedding_state final : grading_state {
  using grading_state::grading_state;
  answer_in_work in_work;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache& cache,
                     const timing& spent) const override {
    auto known = in_work;
    std::size_t next = 1;
    for (std::size_t i = 0; i < known.references.size(); ++i) {
      if (known.references[i])
        continue;
      auto vector = next < rows.size() ? unit_vector(rows.row(next)) : std::vector<float>{};
      ++next;
      if (vector.empty())
        return unusable_output();
      known.references[i] = std::make_shared<const reference_answer>(
          education::make_reference(known.reference_texts[i], std::move(vector)));
      cache.keep(known.references[i]);
    }
    known.answer.embedding = next == rows.size() ? unit_vector(rows.row(0)) : std::vector<float>{};
    if (known.answer.embedding.empty())
      return unusable_output();
    if (settings.answer_model)
      return read(settings, result, std::move(known));
    return pipelines::conclude(settings, result, education::judge(known.answer, views_of(known)), spent);
  }
};

answer_in_work begun(const event& from, reference_cache& cache) {
  answer_in_work in_work;
  in_work.answer = {from.text, education::analyse(from.text), {}};
  in_work.reference_texts = from.references;
  in_work.urgency = from.urgency;
  in_work.deadline = from.deadline;
  for (const auto& reference : from.references)
    in_work.references.push_back(cache.find(reference));
  return in_work;
}

std::variant<work, rejection, outcome> embed_first(const grading_settings& settings, outcome what, cut_text answer,
                                                   answer_in_work in_work) {
  work next;
  next.model = settings.encoder->index;
  next.sequences.push_back(std::move(answer.tokens));
  bool any_cut = false;
  for (std::size_t i = 0; i < in_work.references.size(); ++i) {
    if (in_work.references[i])
      continue;
    auto piece = cut(*settings.encoder, in_work.reference_texts[i]);
    if (!piece)
      return unprepared(piece.error());
    any_cut |= piece->truncated;
    next.sequences.push_back(std::move(piece->tokens));
  }
  if (any_cut)
    what.reasons.emplace_back(reference_cut);
  auto state = std::make_shared<embedding_state>(std::move(what));
  state->in_work = std::move(in_work);
  next.state = std::move(state);
  return next;
}

std::variant<work, rejection, outcome> read_first(const grading_settings& settings, outcome what,
                                                  answer_in_work in_work, reference_cache& cache) {
  for (std::size_t i = 0; i < in_work.references.size(); ++i) {
    if (in_work.references[i])
      continue;
    in_work.references[i] =
        std::make_shared<const reference_answer>(education::make_reference(in_work.reference_texts[i], {}));
    cache.keep(in_work.references[i]);
  }
  auto step = read(settings, std::move(what), std::move(in_work));
  if (auto* refused = std::get_if<rejection>(&step))
    return std::move(*refused);
  return std::get<work>(std::move(step));
}

} // namespace

std::variant<work, rejection, outcome> first_step(const grading_settings& settings, outcome what, const event& from,
                                                  reference_cache& cache) {
  const auto& first = settings.encoder ? *settings.encoder : settings.answer_model->model;
  what.model = settings.answer_model ? settings.answer_model->model.identity : first.identity;
  if (settings.answer_model && settings.encoder)
    what.encoder = settings.encoder->identity;
  const auto refuse = [&](std::string why) {
    what.reasons.push_back(std::move(why));
    return std::move(what);
  };
  if (auto why = unreadable(first, from.lang, from.text); !why.empty())
    return refuse(std::move(why));
  if (settings.answer_model)
    if (auto why = unreadable(settings.answer_model->model, from.lang, from.text); !why.empty())
      return refuse(std::move(why));
  auto answer = cut(first, from.text);
  if (!answer)
    return unprepared(answer.error());
  if (auto why = unreadable(*answer); !why.empty())
    return refuse(std::move(why));
  if (answer->truncated && settings.task.text_too_long == overlong::reject)
    return over_length(first);
  if (answer->truncated)
    what.reasons.emplace_back(truncated_reason);
  auto in_work = begun(from, cache);
  return settings.encoder ? embed_first(settings, std::move(what), std::move(*answer), std::move(in_work))
                          : read_first(settings, std::move(what), std::move(in_work), cache);
}

reply decide(const grading_settings& settings, outcome what, double review_below, const timing& spent) {
  if (what.confidence && *what.confidence < review_below)
    what.reasons.push_back(not_sure_enough(*what.confidence, review_below));
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings.task, education::result_kind::grade, std::move(what), spent);
}

} // namespace chalkstream::pipelines

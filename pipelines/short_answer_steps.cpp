#include "pipelines/short_answer_steps.hpp"

#include "education/short_answer.hpp"
#include "pipelines/answer_labels.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

using education::embedded_text;
using education::reference_answer;

constexpr fixed_note reference_cut{review_reason::not_all_read, "a reference answer is longer than the model reads"};
/// Beside how many references, and how many right graded answers, a cross-encoder reads an answer.
constexpr std::size_t references_read = 3;
constexpr std::size_t graded_read = 3;

/// What the steps carry on.
struct answer_in_work {
  embedded_text answer;
  std::optional<education::analysed_text> question;
  /// References, then graded answers; `known` has what is computed of each.
  std::vector<std::string> texts;
  std::vector<std::shared_ptr<const reference_answer>> known;
  std::size_t references = 0;
  std::vector<education::answer_class> verdicts; // of the graded answers
  std::optional<priority> urgency;
  std::optional<wall_time> deadline;

  std::vector<education::graded_text> graded() const {
    std::vector<education::graded_text> all;
    for (std::size_t i = 0; i < verdicts.size(); ++i)
      all.push_back({known[references + i].get(), verdicts[i]});
    return all;
  }
};

reply conclude(const grading_settings& settings, outcome what, const answer_in_work& of,
               std::optional<education::answer_probabilities> read, const timing& spent) {
  std::vector<const reference_answer*> references;
  for (std::size_t i = 0; i < of.references; ++i)
    references.push_back(of.known[i].get());
  const auto graded = of.graded();
  auto verdict = education::judge(of.answer, references,
                                  {.question = of.question ? &*of.question : nullptr,
                                   .graded = graded,
                                   .read = read,
                                   .encoded = settings.encoder.has_value()});
  what.score = rounded(verdict.credit * *what.max_score);
  what.label = std::move(verdict.label);
  what.confidence = rounded(verdict.confidence);
  what.missed = std::move(verdict.missed);
  what.feedback = std::move(verdict.feedback);
  what.reference = verdict.reference;
  what.graded = verdict.graded;
  if (verdict.graded)
    what.graded_agrees =
        (what.label == "correct") == (of.verdicts[*verdict.graded] == education::answer_class::correct);
  std::move(verdict.reasons.begin(), verdict.reasons.end(), std::back_inserter(what.reasons));
  return decide(settings, std::move(what), settings.review_below.value_or(education::default_review_threshold()),
                spent);
}

struct reading_state final : grading_state {
  reading_state(outcome what, answer_in_work carried) : grading_state(std::move(what)), in_work(std::move(carried)) {}
  answer_in_work in_work;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache&,
                     const timing& spent) const override {
    const auto read = mean_answer_probabilities(rows, settings.answer_model->classes);
    if (!read)
      return unusable_output();
    return pipelines::conclude(settings, result, in_work, read, spent);
  }
};

/// Places in in_work.texts: the closest references, then the right graded answers most like this one.
std::vector<std::size_t> to_read_beside(const answer_in_work& in_work) {
  std::vector<const embedded_text*> references;
  references.reserve(in_work.references);
  for (std::size_t i = 0; i < in_work.references; ++i)
    references.push_back(in_work.known[i].get());
  auto places = education::closest_in_words(in_work.answer, references, references_read);
  std::vector<std::pair<double, std::size_t>> right;
  for (std::size_t i = 0; i < in_work.verdicts.size(); ++i) {
    const auto place = in_work.references + i;
    if (in_work.verdicts[i] == education::answer_class::correct)
      right.emplace_back(-education::similarity(in_work.answer.embedding, in_work.known[place]->embedding), place);
  }
  std::sort(right.begin(), right.end());
  for (std::size_t i = 0; i < std::min(graded_read, right.size()); ++i)
    places.push_back(right[i].second);
  return places;
}

/// Has the cross-encoder read the answer beside what is closest to it.
task_step read(const grading_settings& settings, outcome what, answer_in_work in_work) {
  const auto& reader = *settings.answer_model;
  work next;
  next.model = reader.model.index;
  next.urgency = in_work.urgency;
  next.deadline = in_work.deadline;
  bool any_cut = false;
  for (const auto place : to_read_beside(in_work)) {
    auto pair = cut(reader.model, in_work.answer.text, in_work.texts[place]);
    if (!pair)
      return unprepared(pair.error());
    if (pair->truncated && settings.task.text_too_long == overlong::reject)
      return over_length(reader.model);
    any_cut |= pair->truncated;
    next.sequences.push_back(std::move(pair->tokens));
  }
  if (any_cut
      && std::find(what.reasons.begin(), what.reasons.end(), review_note{truncated_reason}) == what.reasons.end())
    what.reasons.emplace_back(truncated_reason);
  next.state = std::make_shared<reading_state>(std::move(what), std::move(in_work));
  return next;
}

/// Texts that the cache had are there already; the others are sequences of the work, after the answer, in order.
struct embedding_state final : grading_state {
  using grading_state::grading_state;
  answer_in_work in_work;

  task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache& cache,
                     const timing& spent) const override {
    auto known = in_work;
    std::size_t next = 1;
    for (std::size_t i = 0; i < known.known.size(); ++i) {
      if (known.known[i])
        continue;
      auto vector = next < rows.size() ? unit_vector(rows.row(next)) : std::vector<float>{};
      ++next;
      if (vector.empty())
        return unusable_output();
      known.known[i] =
          std::make_shared<const reference_answer>(education::make_reference(known.texts[i], std::move(vector)));
      cache.keep(known.known[i]);
    }
    known.answer.embedding = next == rows.size() ? unit_vector(rows.row(0)) : std::vector<float>{};
    if (known.answer.embedding.empty())
      return unusable_output();
    if (settings.answer_model)
      return read(settings, result, std::move(known));
    return pipelines::conclude(settings, result, known, std::nullopt, spent);
  }
};

answer_in_work begun(const event& from, reference_cache& cache) {
  answer_in_work in_work;
  in_work.answer = {from.text, education::analyse(from.text), {}};
  if (!from.question.empty())
    in_work.question = education::analyse(from.question);
  in_work.texts = from.references;
  in_work.references = from.references.size();
  for (const auto& graded : from.graded) {
    in_work.texts.push_back(graded.text);
    in_work.verdicts.push_back(education::class_of(graded, from.max_score.value_or(1)));
  }
  in_work.urgency = from.urgency;
  in_work.deadline = from.deadline;
  for (const auto& text : in_work.texts)
    in_work.known.push_back(cache.find(text));
  return in_work;
}

std::variant<work, rejection, outcome> embed_first(const grading_settings& settings, outcome what, cut_text answer,
                                                   answer_in_work in_work) {
  work next;
  next.model = settings.encoder->index;
  next.sequences.push_back(std::move(answer.tokens));
  bool any_cut = false;
  for (std::size_t i = 0; i < in_work.texts.size(); ++i) {
    if (in_work.known[i])
      continue;
    auto piece = cut(*settings.encoder, in_work.texts[i]);
    if (!piece)
      return unprepared(piece.error());
    any_cut |= piece->truncated && i < in_work.references;
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
  for (std::size_t i = 0; i < in_work.texts.size(); ++i) {
    if (in_work.known[i])
      continue;
    in_work.known[i] = std::make_shared<const reference_answer>(education::make_reference(in_work.texts[i], {}));
    cache.keep(in_work.known[i]);
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
  const auto refuse = [&](review_note why) {
    what.reasons.push_back(std::move(why));
    return std::move(what);
  };
  if (auto why = unreadable(first, from.lang, from.text))
    return refuse(std::move(*why));
  if (settings.answer_model)
    if (auto why = unreadable(settings.answer_model->model, from.lang, from.text))
      return refuse(std::move(*why));
  auto answer = cut(first, from.text);
  if (!answer)
    return unprepared(answer.error());
  if (auto why = unreadable(*answer))
    return refuse(std::move(*why));
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

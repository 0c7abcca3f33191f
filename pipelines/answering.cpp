#include "pipelines/answering.hpp"

#include "education/analysed_text.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr std::string_view no_passage = "no passage of the material is close to the question";
constexpr std::string_view no_reader = "no model reads the passages";
constexpr std::string_view read_in_part =
    "a passage takes more windows than the reader may have; its end was not read";
constexpr std::string_view no_answer = "no passage answers the question";

struct reading_state final : task_state {
  outcome result;
  std::vector<span_draft> drafts; // one a passage
};

} // namespace

struct answering::question final : task_state {
  outcome result;
  std::string tenant;
  std::string text;
  std::optional<priority> urgency;
  std::optional<wall_time> deadline;
};

answering::answering(answering_settings settings, std::shared_ptr<const passage_index> index)
    : settings_(std::move(settings)), index_(std::move(index)),
      decoder_(settings_.task.pseudonyms, education::only({event_type::question}),
               {.max_bytes = settings_.task.max_bytes}) {}

task_step answering::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto& from = std::get<event>(decoded);
  const auto& encoder = settings_.encoder;
  auto what = outline(settings_.task, input, from);
  what.retriever = encoder.identity;
  what.model = settings_.reader ? settings_.reader->identity : nullptr;

  auto tokenised = cut(encoder, from.text);
  if (!tokenised)
    return unprepared(tokenised.error());
  if (tokenised->truncated && settings_.task.text_too_long == overlong::reject)
    return over_length(encoder);
  auto why = unreadable(encoder, from.lang, from.text);
  if (why.empty() && settings_.reader)
    why = unreadable(*settings_.reader, from.lang, from.text);
  if (why.empty())
    why = unreadable(*tokenised);
  if (!why.empty()) {
    what.reasons.push_back(std::move(why));
    return conclude(std::move(what), prepared_since(settings_.task, start));
  }
  if (tokenised->truncated)
    what.reasons.emplace_back(truncated_reason);

  auto asked = std::make_shared<question>();
  asked->result = std::move(what);
  asked->tenant = std::move(from.tenant);
  asked->text = education::visible_text(from.text);
  asked->urgency = from.urgency;
  asked->deadline = from.deadline;
  work next;
  next.model = encoder.index;
  next.sequences.push_back(std::move(tokenised->tokens));
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::move(asked);
  return next;
}

task_step answering::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  if (done.model == settings_.encoder.index)
    return found(static_cast<const question&>(*done.state), rows, spent);
  return answered(done, rows, spent);
}

task_step answering::found(const question& asked, const output_rows& rows, const timing& spent) const {
  if (rows.size() != 1 || rows.width != index_->width())
    return unusable_output();
  const auto query = unit_vector(rows.row(0));
  if (query.empty())
    return unusable_output();
  auto what = asked.result;
  auto hits = index_->nearest(query, asked.tenant, what.course, settings_.passages);
  std::erase_if(hits, [this](const passage_hit& hit) { return hit.similarity < settings_.least_similarity; });
  cite(hits, what);
  if (what.passages.empty()) {
    what.reasons.emplace_back(no_passage);
    return conclude(std::move(what), spent);
  }
  // From here on it is a matter of what makes an answer of passages: here a model that marks a stretch of one. A
  // model that writes would get its prompt at this place, and its own state to complete().
  if (settings_.reader)
    return read(asked, std::move(what), spent);
  what.reasons.emplace_back(no_reader);
  return conclude(std::move(what), spent);
}

void answering::cite(std::span<const passage_hit> hits, outcome& what) const {
  const auto& material = index_->material();
  for (const auto& [number, similarity] : hits) {
    const auto& passage = material.passages[number];
    const auto& of = material.of(passage);
    what.passages.push_back({material.id(passage), of.title, of.source, passage.start, passage.end, passage.text,
                             similarity, std::nullopt});
  }
}

task_step answering::read(const question& asked, outcome what, const timing& spent) const {
  const auto& reader = *settings_.reader;
  auto state = std::make_shared<reading_state>();
  work next;
  bool in_part = false;
  for (const auto& passage : what.passages) {
    auto draft =
        draft_span(*reader.tokenizer, reader.max_tokens, asked.text, passage.text, settings_.span, next.sequences);
    if (!draft) {
      what.reasons.push_back("the reader cannot take the question beside a passage: " + draft.error().message);
      return conclude(std::move(what), spent);
    }
    in_part |= draft->cut;
    state->drafts.push_back(std::move(*draft));
  }
  if (in_part)
    what.reasons.emplace_back(read_in_part);
  state->result = std::move(what);
  next.model = reader.index;
  next.urgency = asked.urgency;
  next.deadline = asked.deadline;
  next.state = std::move(state);
  return next;
}

task_step answering::answered(const work& done, const output_rows& rows, const timing& spent) const {
  const auto& state = static_cast<const reading_state&>(*done.state);
  auto what = state.result;
  std::span<const float> logits = rows.values;
  std::optional<found_span> best;
  std::size_t in = 0;
  for (std::size_t i = 0; i < state.drafts.size(); ++i) {
    const auto& draft = state.drafts[i];
    if (logits.size() < 2 * draft.rows())
      return unusable_output();
    const auto here = conclude_span(draft, logits.first(2 * draft.rows()), settings_.span.longest);
    if (!here)
      return unusable_output();
    logits = logits.subspan(2 * draft.rows());
    what.passages[i].score = here->score;
    if (!here->is_none(settings_.no_answer_below) && (!best || here->score > best->score)) {
      best = here;
      in = i;
    }
  }
  if (!logits.empty())
    return unusable_output();
  if (!best) {
    what.reasons.emplace_back(no_answer);
    return conclude(std::move(what), spent);
  }
  const auto& passage = what.passages[in];
  what.answer = passage_answer{std::string{code_points(passage.text, best->start, best->end)}, best->start, best->end,
                               passage.id, passage.title};
  what.confidence = best->score;
  if (best->score < settings_.review_below)
    what.reasons.push_back(not_sure_enough(best->score, settings_.review_below));
  return conclude(std::move(what), spent);
}

reply answering::conclude(outcome what, const timing& spent) const {
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings_.task, education::result_kind::answer, std::move(what), spent);
}

} // namespace chalkstream::pipelines

#include "pipelines/answering.hpp"

#include "education/analysed_text.hpp"
#include "education/short_answer_features.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr fixed_note no_passage{review_reason::nothing_found, "no passage of the material is close to the question"};
constexpr fixed_note nobody_answers{review_reason::no_model, "no model reads the passages"};
constexpr fixed_note read_in_part{review_reason::not_all_read,
                                  "a passage takes more windows than the reader may have; its end was not read"};
constexpr fixed_note no_answer{review_reason::nothing_found, "no passage answers the question"};
constexpr fixed_note no_room{review_reason::not_all_read, "the prompt has no room for the question and a passage"};
constexpr fixed_note unsupported{review_reason::contradiction, "what the model wrote is not what the passages say"};

/// "[1] …", a blank line between two.
std::string numbered(std::span<const cited_passage> passages) {
  std::string all;
  for (std::size_t i = 0; i < passages.size(); ++i)
    all.append(i == 0 ? "[" : "\n\n[").append(std::to_string(i + 1)).append("] ").append(passages[i].text);
  return all;
}

} // namespace

struct answering::step : task_state {
  virtual task_step conclude(const answering& by, const output_rows& rows, const timing& spent) const = 0;
  outcome result;
};

struct answering::question final : step {
  task_step conclude(const answering& by, const output_rows& rows, const timing& spent) const override {
    return by.found(*this, rows, spent);
  }
  event from;
  std::string text; // as it is read
};

struct answering::reading final : step {
  task_step conclude(const answering& by, const output_rows& rows, const timing& spent) const override {
    return by.answered(*this, rows, spent);
  }
  std::vector<span_draft> drafts; // one a passage
};

struct answering::writing final : step {
  task_step conclude(const answering& by, const output_rows& rows, const timing& spent) const override {
    return by.wrote(*this, rows, spent);
  }
  text_prompts prompts;
  std::vector<std::size_t> passages; // by their numbers
  std::optional<priority> urgency;
  std::optional<wall_time> deadline;
};

struct answering::written final : step {
  task_step conclude(const answering& by, const output_rows& rows, const timing& spent) const override {
    return by.compared(*this, rows, spent);
  }
  std::vector<std::size_t> passages;
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
  if (settings_.reader)
    what.model = settings_.reader->identity;
  else if (settings_.writer)
    what.model = settings_.writer->writer.model().identity;

  auto tokenised = cut(encoder, from.text);
  if (!tokenised)
    return unprepared(tokenised.error());
  if (tokenised->truncated && settings_.task.text_too_long == overlong::reject)
    return over_length(encoder);
  auto why = unreadable_to_any(from);
  if (!why)
    why = unreadable(*tokenised);
  if (why) {
    what.reasons.push_back(std::move(*why));
    return conclude(std::move(what), prepared_since(settings_.task, start));
  }
  if (tokenised->truncated)
    what.reasons.emplace_back(truncated_reason);

  auto asked = std::make_shared<question>();
  asked->result = std::move(what);
  asked->text = education::visible_text(from.text);
  work next;
  next.model = encoder.index;
  next.sequences.push_back(std::move(tokenised->tokens));
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  asked->from = std::move(from);
  next.state = std::move(asked);
  return next;
}

std::optional<review_note> answering::unreadable_to_any(const event& from) const {
  auto why = unreadable(settings_.encoder, from.lang, from.text);
  if (!why && settings_.reader)
    why = unreadable(*settings_.reader, from.lang, from.text);
  if (!why && settings_.writer)
    why = unreadable(settings_.writer->writer.model(), from.lang, from.text);
  return why;
}

task_step answering::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  return static_cast<const step&>(*done.state).conclude(*this, rows, spent);
}

task_step answering::found(const question& asked, const output_rows& rows, const timing& spent) const {
  if (rows.size() != 1 || rows.width != index_->width())
    return unusable_output();
  const auto query = unit_vector(rows.row(0));
  if (query.empty())
    return unusable_output();
  auto what = asked.result;
  auto hits = index_->nearest(query, asked.from.tenant, what.course, settings_.passages);
  std::erase_if(hits, [this](const passage_hit& hit) { return hit.similarity < settings_.least_similarity; });
  cite(hits, what);
  if (what.passages.empty()) {
    what.reasons.emplace_back(no_passage);
    return conclude(std::move(what), spent);
  }
  if (settings_.reader)
    return read(asked, std::move(what), spent);
  if (settings_.writer)
    return write(asked, std::move(what), hits, spent);
  what.reasons.emplace_back(nobody_answers);
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
  auto state = std::make_shared<reading>();
  work next;
  bool in_part = false;
  for (const auto& passage : what.passages) {
    auto draft =
        draft_span(*reader.tokenizer, reader.max_tokens, asked.text, passage.text, settings_.span, next.sequences);
    if (!draft) {
      what.reasons.emplace_back(review_reason::not_all_read,
                                "the reader cannot take the question beside a passage: " + draft.error().message);
      return conclude(std::move(what), spent);
    }
    in_part |= draft->cut;
    state->drafts.push_back(std::move(*draft));
  }
  if (in_part)
    what.reasons.emplace_back(read_in_part);
  state->result = std::move(what);
  next.model = reader.index;
  next.urgency = asked.from.urgency;
  next.deadline = asked.from.deadline;
  next.state = std::move(state);
  return next;
}

task_step answering::answered(const reading& was, const output_rows& rows, const timing& spent) const {
  auto what = was.result;
  std::span<const float> logits = rows.values;
  std::optional<found_span> best;
  std::size_t in = 0;
  for (std::size_t i = 0; i < was.drafts.size(); ++i) {
    const auto& draft = was.drafts[i];
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

task_step answering::write(const question& asked, outcome what, std::span<const passage_hit> hits,
                           const timing& spent) const {
  const auto& [writer, prompt] = *settings_.writer;
  auto state = std::make_shared<writing>();
  // What is least near leaves first where the prompt has no room for all.
  for (; !what.passages.empty(); what.passages.pop_back()) {
    auto made =
        writer.prompts(prompt.fill(asked.from, asked.text, numbered(what.passages)), asked.from.lang.value_or(""));
    if (!made)
      return unprepared(made.error());
    if (made->truncated)
      continue;
    state->prompts = std::move(*made);
    break;
  }
  if (what.passages.empty()) {
    cite(hits, what);
    what.reasons.emplace_back(no_room);
    return conclude(std::move(what), spent);
  }
  for (const auto& hit : hits.first(what.passages.size()))
    state->passages.push_back(hit.passage);
  work next;
  next.model = writer.model().index;
  next.sequences = std::move(state->prompts.sequences);
  state->urgency = next.urgency = asked.from.urgency;
  state->deadline = next.deadline = asked.from.deadline;
  state->result = std::move(what);
  next.state = std::move(state);
  return next;
}

task_step answering::wrote(const writing& was, const output_rows& rows, const timing& spent) const {
  const auto joined = settings_.writer->writer.join(was.prompts, rows.texts);
  if (!joined)
    return unusable_output();
  auto what = was.result;
  const auto text = trimmed(joined->text);
  if (text.empty()) {
    what.reasons.emplace_back(no_answer);
    return conclude(std::move(what), spent);
  }
  if (joined->cut)
    what.reasons.emplace_back(cut_off);
  auto tokenised = cut(settings_.encoder, text);
  if (!tokenised)
    return unprepared(tokenised.error());
  what.answer = passage_answer{.text = std::string{text}, .start = {}, .end = {}, .passage = {}, .title = {}};
  auto state = std::make_shared<written>();
  state->result = std::move(what);
  state->passages = was.passages;
  work next;
  next.model = settings_.encoder.index;
  next.sequences.push_back(std::move(tokenised->tokens));
  next.urgency = was.urgency;
  next.deadline = was.deadline;
  next.state = std::move(state);
  return next;
}

task_step answering::compared(const written& was, const output_rows& rows, const timing& spent) const {
  const auto vector =
      rows.size() == 1 && rows.width == index_->width() ? unit_vector(rows.row(0)) : std::vector<float>{};
  if (vector.empty())
    return unusable_output();
  auto what = was.result;
  double nearest = 0;
  for (std::size_t i = 0; i < was.passages.size(); ++i) {
    const double similar = education::similarity(vector, index_->row(was.passages[i]));
    what.passages[i].score = std::max(similar, 0.0);
    nearest = std::max(nearest, similar);
  }
  what.confidence = nearest;
  if (nearest < settings_.no_answer_below) {
    what.answer.reset();
    what.confidence.reset();
    what.reasons.emplace_back(unsupported);
  } else if (nearest < settings_.review_below) {
    what.reasons.push_back(not_sure_enough(nearest, settings_.review_below));
  }
  return conclude(std::move(what), spent);
}

reply answering::conclude(outcome what, const timing& spent) const {
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings_.task, education::result_kind::answer, std::move(what), spent);
}

} // namespace chalkstream::pipelines

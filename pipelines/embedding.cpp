#include "pipelines/embedding.hpp"

namespace chalkstream::pipelines {

namespace {

struct embedding_state final : task_state {
  explicit embedding_state(outcome what) : result(std::move(what)) {}
  outcome result;
};

} // namespace

embedding::embedding(task_settings settings, task_model encoder)
    : settings_(std::move(settings)), encoder_(std::move(encoder)),
      decoder_(settings_.pseudonyms,
               education::only({event_type::short_answer, event_type::essay, event_type::question}),
               {.max_bytes = settings_.max_bytes}) {}

task_step embedding::prepare(const record& input) const {
  auto decoded = decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  const auto& from = std::get<event>(decoded);
  auto tokenised = cut(encoder_, from.text);
  if (!tokenised)
    return unprepared(tokenised.error());
  auto& piece = *tokenised;
  if (piece.truncated && settings_.text_too_long == overlong::reject)
    return over_length(encoder_);

  auto what = outline(settings_, input, from);
  what.model = encoder_.identity;
  auto why = unreadable(encoder_, from.lang, from.text);
  if (!why)
    why = unreadable(piece);
  if (why)
    what.reasons.push_back(std::move(*why));
  if (piece.truncated)
    what.reasons.emplace_back(truncated_reason);
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;

  work next;
  next.model = encoder_.index;
  next.sequences.push_back(std::move(piece.tokens));
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::make_shared<embedding_state>(std::move(what));
  return next;
}

task_step embedding::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  auto what = static_cast<embedding_state&>(*done.state).result;
  if (rows.size() != 1)
    return unusable_output();
  what.embedding = unit_vector(rows.row(0));
  if (what.embedding.empty())
    return unusable_output();
  return finish(settings_, education::result_kind::embedding, std::move(what), spent);
}

} // namespace chalkstream::pipelines

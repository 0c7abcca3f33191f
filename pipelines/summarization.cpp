#include "pipelines/summarization.hpp"

namespace chalkstream::pipelines {

namespace {

constexpr fixed_note too_short{review_reason::nothing_found,
                               "the text has no more sentences than its summary may have"};
constexpr fixed_note no_words{review_reason::nothing_found, "the text has no sentence with a word in it"};
constexpr fixed_note text_was_cut{review_reason::not_all_read,
                                  "the text is longer than max_tokens; only its beginning was summarised"};
constexpr fixed_note sentence_was_cut{review_reason::not_all_read,
                                      "a sentence is longer than the model reads; it was judged by its beginning"};

struct summarization_state final : task_state {
  outcome result;
  summary_draft draft;
  std::size_t wanted = 0;
};

} // namespace

summarization::summarization(summarization_settings settings)
    : settings_(std::move(settings)),
      decoder_(settings_.task.pseudonyms,
               education::only({event_type::essay, event_type::short_answer, event_type::question}),
               {.max_bytes = settings_.task.max_bytes}) {}

task_step summarization::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  auto& from = std::get<event>(decoded);
  auto what = outline(settings_.task, input, from);
  what.model = settings_.encoder.identity;
  const auto at_once = [&](std::optional<summary> made, review_note why) {
    what.reasons.push_back(std::move(why));
    return conclude(std::move(what), std::move(made), prepared_since(settings_.task, start));
  };

  if (auto why = unreadable(settings_.encoder, from.lang, from.text))
    return at_once({}, std::move(*why));
  work next;
  auto drafted = draft_summary(settings_.encoder, std::move(from.text), from.lang.value_or(""), settings_.summary,
                               next.sequences);
  if (!drafted)
    return unprepared(drafted.error());
  auto& draft = *drafted;
  if (draft.sentences.empty())
    return at_once({}, no_words);
  cut_text as_one;
  as_one.unknown_share = draft.unknown_share;
  if (auto why = unreadable(as_one))
    return at_once({}, std::move(*why));
  if (draft.cut_text && settings_.task.text_too_long == overlong::reject)
    return rejection{reject_reason::text_too_long, stage::prepare,
                     "text is longer than the " + std::to_string(settings_.summary.max_tokens)
                         + " tokens that are summarised"};
  if (draft.cut_text)
    what.reasons.emplace_back(text_was_cut);
  if (draft.cut_sentence)
    what.reasons.emplace_back(sentence_was_cut);
  const auto wanted = from.max_sentences.value_or(settings_.summary.sentences);
  if (draft.sentences.size() <= wanted)
    return at_once(whole_text(draft), too_short);

  auto state = std::make_shared<summarization_state>();
  state->result = std::move(what);
  state->draft = std::move(draft);
  state->wanted = wanted;
  next.model = settings_.encoder.index;
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  next.state = std::move(state);
  return next;
}

task_step summarization::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  const auto& state = static_cast<const summarization_state&>(*done.state);
  auto made = conclude_summary(state.draft, done.sequences, rows, settings_.summary, state.wanted);
  if (!made)
    return unusable_output();
  auto what = state.result;
  const auto least = settings_.review_below.value_or(0);
  if (made->confidence < least)
    what.reasons.push_back(not_sure_enough(made->confidence, least));
  return conclude(std::move(what), std::move(made), spent);
}

reply summarization::conclude(outcome what, std::optional<summary> made, const timing& spent) const {
  if (made) {
    what.summary = std::move(made->text);
    what.sentences = std::move(made->sentences);
    what.confidence = made->confidence;
  }
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings_.task, education::result_kind::summary, std::move(what), spent);
}

} // namespace chalkstream::pipelines

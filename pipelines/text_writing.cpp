#include "pipelines/text_writing.hpp"

#include "education/analysed_text.hpp"
#include "education/language_tag.hpp"

#include <utility>

namespace chalkstream::pipelines {

namespace {

constexpr fixed_note not_all_read{review_reason::not_all_read,
                                  "the text is longer than the model reads; only its beginning was used"};
constexpr fixed_note wrote_nothing{review_reason::nothing_found, "the model wrote nothing"};
constexpr fixed_note no_words{review_reason::nothing_found, "the text has no sentence with a word in it"};

struct text_writing_state final : task_state {
  outcome result;
  text_prompts prompts;
};

/// At most `share` of it: whole words, or at least whole characters.
std::string_view beginning(std::string_view text, double share) {
  auto size = static_cast<std::size_t>(static_cast<double>(text.size()) * share);
  if (const auto space = text.rfind(' ', size); space != std::string_view::npos && 2 * space > size)
    return text.substr(0, space);
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
    --size;
  return text.substr(0, size);
}

} // namespace

text_writing::text_writing(text_writing_settings settings)
    : settings_(std::move(settings)),
      decoder_(settings_.task.pseudonyms,
               education::only({event_type::essay, event_type::short_answer, event_type::question}),
               {.max_bytes = settings_.task.max_bytes}) {}

std::optional<review_note> text_writing::why_unreadable(const event& from) const {
  if (!settings_.from_language.empty() && from.lang
      && education::primary_subtag(*from.lang) != education::primary_subtag(settings_.from_language))
    return review_note{review_reason::language, "the text is in the language " + education::primary_subtag(*from.lang)
                                                    + ", not in "
                                                    + education::primary_subtag(settings_.from_language)};
  return unreadable(settings_.writer.model(), from.lang, from.text);
}

// Where a template is around it the text gives way, not what stands behind it.
result<text_prompts> text_writing::prompts(const event& from) const {
  const auto lang = from.lang.value_or(settings_.from_language);
  if (!settings_.prompt)
    return settings_.writer.prompts(from.text, lang);
  const auto text = education::visible_text(from.text);
  CHALK_TRY(auto made, settings_.writer.prompts(settings_.prompt->fill(from, text), lang));
  std::string_view rest = text;
  while (made.truncated && !rest.empty()) {
    rest = beginning(rest, 0.9);
    CHALK_TRY(made, settings_.writer.prompts(settings_.prompt->fill(from, rest), lang));
    if (!made.truncated) {
      made.truncated = true;
      break;
    }
  }
  return made;
}

task_step text_writing::prepare(const record& input) const {
  const auto start = settings_.task.time->now();
  auto decoded = decoder_.decode(input.value);
  if (auto* refused = std::get_if<rejection>(&decoded))
    return std::move(*refused);
  const auto& from = std::get<event>(decoded);
  auto what = outline(settings_.task, input, from);
  what.model = settings_.writer.model().identity;
  const auto at_once = [&](review_note why) {
    what.reasons.push_back(std::move(why));
    return conclude(std::move(what), {}, prepared_since(settings_.task, start));
  };

  if (auto why = why_unreadable(from))
    return at_once(std::move(*why));
  auto made = prompts(from);
  if (!made)
    return unprepared(made.error());
  if (made->sequences.empty())
    return at_once(no_words);
  cut_text as_one;
  as_one.unknown_share = made->unknown_share;
  if (auto why = unreadable(as_one))
    return at_once(std::move(*why));
  if (made->truncated && settings_.task.text_too_long == overlong::reject)
    return over_length(settings_.writer.model());
  if (made->truncated)
    what.reasons.emplace_back(not_all_read);

  work next;
  next.model = settings_.writer.model().index;
  next.sequences = std::move(made->sequences);
  next.urgency = from.urgency;
  next.deadline = from.deadline;
  auto state = std::make_shared<text_writing_state>();
  state->result = std::move(what);
  state->prompts = std::move(*made);
  next.state = std::move(state);
  return next;
}

task_step text_writing::complete(const record&, work done, const output_rows& rows, const timing& spent) const {
  const auto& state = static_cast<const text_writing_state&>(*done.state);
  auto written = settings_.writer.join(state.prompts, rows.texts);
  if (!written)
    return unusable_output();
  auto what = state.result;
  if (written->text.empty())
    what.reasons.emplace_back(wrote_nothing);
  if (written->cut)
    what.reasons.emplace_back(cut_off);
  return conclude(std::move(what), std::move(written->text), spent);
}

reply text_writing::conclude(outcome what, std::string text, const timing& spent) const {
  switch (settings_.becomes) {
  case education::result_kind::translation:
    what.translation = std::move(text);
    what.language = settings_.to_language;
    break;
  case education::result_kind::feedback:
    what.feedback = std::move(text);
    break;
  default:
    what.summary = std::move(text);
    break;
  }
  what.verdict = what.reasons.empty() ? decision::automatic : decision::review;
  return finish(settings_.task, settings_.becomes, std::move(what), spent);
}

} // namespace chalkstream::pipelines

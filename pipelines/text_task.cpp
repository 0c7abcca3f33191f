#include "pipelines/text_task.hpp"

#include "education/analysed_text.hpp"
#include "education/characters.hpp"
#include "education/language_tag.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace chalkstream::pipelines {

namespace {

constexpr double too_many_unknown = 0.3;
constexpr double too_many_foreign_letters = 0.5;

/// Languages written in Latin letters, of those that encoders commonly know.
bool written_in_latin(std::string_view language) {
  constexpr std::string_view latin[] = {"cs", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "is", "it",
                                        "lt", "lv", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv", "tr", "vi"};
  return std::find(std::begin(latin), std::end(latin), language) != std::end(latin);
}

std::string two_digits(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, 2).ptr};
}

cut_text as_cut(const task_model& model, text::encoding encoded) {
  cut_text out;
  out.unknown_share = model.tokenizer->unknown_share(encoded);
  out.truncated = encoded.truncated;
  out.tokens = {std::move(encoded.ids), std::move(encoded.types)};
  return out;
}

} // namespace

result<cut_text> cut(const task_model& model, std::string_view text) {
  CHALK_TRY(auto encoded, model.tokenizer->encode(education::visible_text(text), {.special_tokens = true,
                                                                                  .cut = text::truncation::only_first,
                                                                                  .max_tokens = model.max_tokens,
                                                                                  .offsets = false}));
  return as_cut(model, std::move(encoded));
}

result<cut_text> cut(const task_model& model, std::string_view first, std::string_view second) {
  CHALK_TRY(auto encoded, model.tokenizer->encode_pair(education::visible_text(first), education::visible_text(second),
                                                       {.special_tokens = true,
                                                        .cut = text::truncation::longest_first,
                                                        .max_tokens = model.max_tokens,
                                                        .offsets = false}));
  return as_cut(model, std::move(encoded));
}

std::optional<review_note> unreadable(const task_model& model, const std::optional<std::string>& lang,
                                      std::string_view text) {
  if (model.languages.empty())
    return std::nullopt;
  if (lang) {
    const auto language = education::primary_subtag(*lang);
    if (std::find(model.languages.begin(), model.languages.end(), language) == model.languages.end())
      return review_note{review_reason::language, "the model does not know the language " + language};
  }
  const bool latin_only = std::all_of(model.languages.begin(), model.languages.end(), written_in_latin);
  if (latin_only && education::count_letters(text).other_share() > too_many_foreign_letters)
    return fixed_note{review_reason::language, "the text is mostly in a script the model does not know"};
  return std::nullopt;
}

std::optional<review_note> unreadable(const cut_text& cut) {
  if (cut.unknown_share > too_many_unknown)
    return fixed_note{review_reason::language, "too many words of the text are unknown to the model"};
  return std::nullopt;
}

outcome outline(const task_settings& settings, const record& input, const event& from) {
  outcome out;
  out.id = education::result_id(settings.source_topic, input.partition, input.offset, settings.pipeline);
  out.event = from.id;
  out.pipeline = settings.pipeline;
  out.learner = from.learner;
  out.course = from.course;
  out.assignment = from.assignment;
  out.item = from.item;
  out.tenant = from.tenant;
  if (from.lang)
    out.written_in = education::primary_subtag(*from.lang);
  return out;
}

result_tally tally_of(const task_settings& settings, const outcome& what) {
  result_tally tally;
  if (what.score && what.max_score && *what.max_score > 0)
    tally.score = static_cast<float>(std::clamp(*what.score / *what.max_score, 0.0, 1.0));
  if (what.confidence)
    tally.confidence = static_cast<float>(*what.confidence);
  if (what.verdict == decision::review)
    for (const auto& note : what.reasons)
      tally.add(note.reason);
  tally.agrees = what.graded_agrees;
  if (settings.groups)
    tally.groups = {settings.groups->place(group_kind::assignment, what.assignment),
                    settings.groups->place(group_kind::language, what.written_in),
                    settings.groups->place(group_kind::tenant, what.tenant)};
  return tally;
}

reply finish(const task_settings& settings, education::result_kind kind, outcome what, const timing& spent) {
  auto out = finish(settings, std::move(what), spent, [kind](const outcome& done) {
    return encoded_result{education::encode_result(kind, done), education::result_headers(kind, done)};
  });
  if (kind == education::result_kind::recommendation) // they repeat the grade's, which its own pipeline counts
    out.tally.score = out.tally.confidence = std::nullopt;
  return out;
}

reply finish(const task_settings& settings, outcome what, const timing& spent,
             const std::function<encoded_result(const outcome&)>& encode) {
  what.timing = spent;
  what.completed_at = settings.time->wall_now();
  auto encoded = encode(what);
  reply out;
  out.value = std::move(encoded.value);
  out.headers = std::move(encoded.headers);
  out.review = what.verdict == decision::review;
  out.tally = tally_of(settings, what);
  out.key = std::move(what.learner);
  return out;
}

timing prepared_since(const task_settings& settings, time_point start) {
  const double spent = in_seconds(settings.time->now() - start);
  return {.prepare = spent, .total = spent};
}

review_note not_sure_enough(double confidence, double least) {
  return {review_reason::unsure, "confidence " + two_digits(confidence) + " is below " + two_digits(least)};
}

std::vector<float> unit_vector(std::span<const float> row) {
  double squares = 0;
  for (auto x : row)
    squares += static_cast<double>(x) * static_cast<double>(x);
  if (!std::isfinite(squares) || squares <= 1e-24)
    return {};
  const double scale = 1 / std::sqrt(squares);
  std::vector<float> out(row.size());
  std::transform(row.begin(), row.end(), out.begin(),
                 [scale](float x) { return static_cast<float>(static_cast<double>(x) * scale); });
  return out;
}

rejection unusable_output() {
  return {reject_reason::model_failed, stage::complete, "the model's output is not a usable row of numbers"};
}

rejection unprepared(const error& why) {
  return {reject_reason::prepare_failed, stage::prepare, why.message};
}

rejection over_length(const task_model& model) {
  return {reject_reason::text_too_long, stage::prepare,
          "text is longer than the model's " + std::to_string(model.max_tokens) + " tokens"};
}

} // namespace chalkstream::pipelines

// What the tasks over text share: their settings, cutting a text for a model, judging whether the model can read it
// at all, and the outline of a result.
#pragma once

#include "core/clock.hpp"
#include "core/event.hpp"
#include "core/model.hpp"
#include "core/outcome.hpp"
#include "core/record.hpp"
#include "core/result_tally.hpp"
#include "core/task.hpp"
#include "education/pseudonym.hpp"
#include "education/result_encoder.hpp"
#include "models/text/tokenizer.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::pipelines {

/// What to do with a text over the model's length.
enum class overlong : std::uint8_t {
  truncate, // judge what fits, say so in `reasons`, and let a person look
  reject,   // a dead letter, text_too_long
};

struct task_settings {
  std::string pipeline;
  std::string source_topic;
  /// Not needed by recommendation, whose input is pseudonymous already.
  std::shared_ptr<const education::pseudonymiser> pseudonyms;
  overlong text_too_long = overlong::truncate;
  std::size_t max_bytes = 1 << 20;
  /// What its results are counted by; null: by nothing.
  std::shared_ptr<const result_groups> groups = nullptr;
  /// Outlives the task.
  const clock* time = &clock::system();
};

/// One model of the pipeline, as a task needs to know it.
struct task_model {
  /// Its place in the pipeline's list: work.model.
  std::size_t index = 0;
  std::shared_ptr<const text::tokenizer> tokenizer;
  std::shared_ptr<const model_identity> identity;
  /// Special tokens included.
  std::size_t max_tokens = 256;
  /// Primary language subtags in lower case ("en"); empty: any language.
  std::vector<std::string> languages{"en"};
};

struct cut_text {
  sequence tokens;
  bool truncated = false;
  /// The share of words the model has no token for.
  double unknown_share = 0;
};

/// Tokenised with special tokens and cut to the model's length. Invisible characters are dropped first: what no
/// reader sees is not judged. Fails only where no text could succeed (a length that the special tokens alone exceed).
result<cut_text> cut(const task_model& model, std::string_view text);

/// The same of a pair; of the two, the longer one gives way.
result<cut_text> cut(const task_model& model, std::string_view first, std::string_view second);

/// Why the model cannot judge a text in this language or script; none if it can. `lang` is the event's tag.
std::optional<review_note> unreadable(const task_model& model, const std::optional<std::string>& lang,
                                      std::string_view text);

/// The same question, asked of the tokens.
std::optional<review_note> unreadable(const cut_text& cut);

/// Where a record came from, as a result: id, event, learner, course, assignment, item, pipeline.
outcome outline(const task_settings& settings, const record& input, const event& from);

/// Encoded, keyed by the learner's pseudonym, completed now.
reply finish(const task_settings& settings, education::result_kind kind, outcome what, const timing& spent);

/// What of a result is counted; finish() adds it by itself.
result_tally tally_of(const task_settings& settings, const outcome& what);
/// The same of a result that `encode` writes.
reply finish(const task_settings& settings, outcome what, const timing& spent,
             const std::function<encoded_result(const outcome&)>& encode);

/// For results that prepare gives by itself: all the time so far is its own.
timing prepared_since(const task_settings& settings, time_point start);

/// "confidence 0.31 is below 0.50"
review_note not_sure_enough(double confidence, double least);

/// Unit length; empty if the row has no direction (zeros, or something that is not a number).
std::vector<float> unit_vector(std::span<const float> row);

/// The model answered with rows no result can be made of.
rejection unusable_output();

/// The tokenizer refused.
rejection unprepared(const error& why);

/// The text is over the model's length and the pipeline refuses that.
rejection over_length(const task_model& model);

inline constexpr fixed_note truncated_reason{
    review_reason::not_all_read, "the text is longer than the model reads; only its beginning was judged"};

} // namespace chalkstream::pipelines

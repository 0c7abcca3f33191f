// From a text to the sentences that say most of it, apart from where texts come from and where results go: the task
// over events and the offline tool share it. First every sentence and every window of neighbouring sentences becomes
// a sequence for the encoder, then the rows tell which to keep.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "core/outcome.hpp"
#include "education/sentences.hpp"
#include "education/summary_head.hpp"
#include "pipelines/text_task.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

struct summary_settings {
  /// In a summary, unless a text's event says otherwise.
  std::size_t sentences = 3;
  /// 0 to 1: how much a sentence loses for what those before it have said already.
  double diversity = 0.3;
  /// For one text that are computed at most, windows included, so each token counts twice; the sentences beyond are
  /// not looked at.
  std::size_t max_tokens = 8192;
  /// What the encoder's directory has learnt of summaries; null: nearness to the whole text decides.
  std::shared_ptr<const education::summary_head> head = {};
};

/// A text between the tokenizer and the encoder.
struct summary_draft {
  std::string text;
  /// Those that are looked at, in order; sequence i is sentence i. The sequences behind them are the windows: as many
  /// whole sentences as the model reads at once.
  std::vector<education::sentence_span> sentences;
  /// Sentences beyond max_tokens were left out.
  bool cut_text = false;
  /// A sentence was longer than the model reads, and is judged by its beginning.
  bool cut_sentence = false;
  /// The share of words the model has no token for.
  double unknown_share = 0;
};

struct summary {
  /// The chosen sentences in the order of the text, visible characters only.
  std::string text;
  std::vector<summary_sentence> sentences;
  /// 0 to 1: how near the summary's meaning is to the whole text's, as the encoder sees both. 1 for a text that is
  /// its own summary.
  double confidence = 0;
};

/// Splits `text` and adds to `sequences` one for each sentence, then one for each window. `lang` is a BCP 47 tag or
/// empty. Time is bounded by max_tokens, not by the text. Fails where the tokenizer does.
result<summary_draft> draft_summary(const task_model& model, std::string text, std::string_view lang,
                                    const summary_settings& settings, std::vector<sequence>& sequences);

/// All sentences, each with score 1: for a text that has no more of them than its summary may have.
summary whole_text(const summary_draft& draft);

/// A draft between the encoder and the choice.
struct read_text {
  education::embedded_document embedded;
  /// Of the draft's sentences; point into it.
  std::vector<std::string_view> sentences;
};

/// Nothing if the rows are not one usable vector for each sequence. What it gives is valid as long as `draft` is.
std::optional<read_text> read_rows(const summary_draft& draft, const std::vector<sequence>& sequences,
                                   const output_rows& rows);

/// How good each sentence is: as the head has learnt it, or by its nearness to the whole.
std::vector<double> scores_of(const read_text& text, const education::summary_head* head);

/// At most `wanted` sentences, which go before those of the settings. Nothing if read_rows has nothing.
std::optional<summary> conclude_summary(const summary_draft& draft, const std::vector<sequence>& sequences,
                                        const output_rows& rows, const summary_settings& settings,
                                        std::size_t wanted);

} // namespace chalkstream::pipelines

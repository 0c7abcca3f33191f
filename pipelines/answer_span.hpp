// From the two logits of each token to the stretch of a passage that answers a question best (Devlin et al. 2018,
// sections 4.2 and 4.3), however many windows the passage was read in.
//
// All windows of a passage share one distribution: a token counts once, as the window sees it that is surest of it,
// and "no answer" once, as the window sees it that is least sure of it. So the choice is the largest sum of two
// logits, as Hugging Face's run_qa has it, and for one window the score is that of its question-answering pipeline.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace chalkstream::pipelines {

/// What the model said of one window.
struct span_window {
  /// Start and end of each token of the sequence in turn.
  std::span<const float> logits;
  /// Tokens [begin, end) of the sequence: those an answer may lie in.
  std::pair<std::size_t, std::size_t> passage;
  /// Which token of the whole passage the first of them is.
  std::size_t from = 0;
};

/// Tokens [first, last] of a window's sequence.
struct answer_span {
  std::size_t window = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  /// Probability that the answer starts at `first` times that it ends at `last`.
  double score = 0;
};

struct span_choice {
  /// Of equally good ones the first; nothing if the passage has no token.
  std::optional<answer_span> best;
  /// The same probability for the first token of the sequence, where models trained on questions without answers put
  /// them. 0 if the passage begins the sequence.
  double no_answer = 0;
};

/// `longest`: tokens of an answer. Nothing if the logits are not numbers, or not two for each token.
std::optional<span_choice> choose_span(std::span<const span_window> windows, std::size_t longest);

} // namespace chalkstream::pipelines

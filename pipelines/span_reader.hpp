// From a question and a passage to the stretch of the passage that answers it, apart from where they come from and
// where answers go: the task over events and the offline tool share it. First the pair becomes a sequence for each
// window of the passage, then the rows of all windows together tell where the answer is.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/text/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::pipelines {

struct span_settings {
  /// Tokens that neighbouring windows of a long passage share; at most half of what a window has room for. Long
  /// enough for an answer and what makes it one.
  std::size_t stride = 128;
  /// Tokens of an answer.
  std::size_t longest = 30;
  /// Of one passage; what lies behind the last is not read.
  std::size_t most_windows = 64;
};

/// A passage between the tokenizer and the model.
struct span_draft {
  struct window {
    /// Tokens of the sequence, and which of them are the passage's.
    std::size_t tokens = 0;
    std::pair<std::size_t, std::size_t> passage;
    std::size_t from = 0;
    /// Code points of the passage each of those tokens covers.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets;
  };
  std::vector<window> windows;
  /// The passage goes on behind the last window.
  bool cut = false;

  std::size_t rows() const noexcept;
};

/// Adds a sequence for each window to `sequences`. Fails where the tokenizer does, a question that leaves no room for
/// the passage included.
result<span_draft> draft_span(const text::tokenizer& tokenizer, std::size_t max_tokens, std::string_view question,
                              std::string_view passage, const span_settings& settings,
                              std::vector<sequence>& sequences);

/// Code points [start, end) of the passage; an empty passage gives 0, 0 and a score of 0.
struct found_span {
  std::size_t start = 0;
  std::size_t end = 0;
  double score = 0;
  /// Probability that the passage does not answer the question.
  double no_answer = 0;

  /// Whether "no answer" is the better answer, or this one scores below `least`.
  bool is_none(double least) const noexcept { return score < least || score < no_answer; }
};

/// `logits` are those of the draft's sequences, two for each token, end to end. Nothing if they are not.
std::optional<found_span> conclude_span(const span_draft& draft, std::span<const float> logits, std::size_t longest);

/// Code points [begin, end) of valid UTF-8; shorter if the text is.
std::string_view code_points(std::string_view text, std::size_t begin, std::size_t end);

} // namespace chalkstream::pipelines

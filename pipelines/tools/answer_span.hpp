// From the two logits of each token to the stretch of a passage that answers a question best (Devlin et al. 2018,
// section 4.2), and from code points to the bytes of that stretch.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace chalkstream::pipelines::tools {

/// Tokens [first, last] of the sequence.
struct answer_span {
  std::size_t first = 0;
  std::size_t last = 0;
  /// Probability that the answer starts at `first` times that it ends at `last`. What the model gives to its first
  /// token, where it says that there is no answer, makes it smaller.
  double score = 0;
};

/// The longest answer in tokens.
inline constexpr std::size_t longest_answer = 30;

/// `logits` are start and end of each token in turn; `passage` is the range of tokens an answer may lie in. Of
/// equally good ones the first. Nothing if the passage is empty.
std::optional<answer_span> best_span(std::span<const float> logits, std::pair<std::size_t, std::size_t> passage,
                                     std::size_t longest = longest_answer);

/// Code points [begin, end) of valid UTF-8; shorter if the text is.
std::string_view code_points(std::string_view text, std::size_t begin, std::size_t end);

} // namespace chalkstream::pipelines::tools

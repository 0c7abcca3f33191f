#include "pipelines/tools/answer_span.hpp"

#include "models/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chalkstream::pipelines::tools {

namespace {

/// Softmax over the tokens of the passage and the first of the sequence; of the passage only.
std::vector<double> probabilities(std::span<const float> logits, std::size_t which, std::size_t begin,
                                  std::size_t end) {
  std::vector<double> p;
  p.reserve(end - begin + 1);
  for (std::size_t token = begin; token < end; ++token)
    p.push_back(logits[2 * token + which]);
  if (begin > 0)
    p.push_back(logits[which]);
  const double top = *std::max_element(p.begin(), p.end());
  double total = 0;
  for (double& x : p)
    total += x = std::exp(x - top);
  for (double& x : p)
    x /= total;
  p.resize(end - begin);
  return p;
}

} // namespace

std::optional<answer_span> best_span(std::span<const float> logits, std::pair<std::size_t, std::size_t> passage,
                                     std::size_t longest) {
  const auto [begin, end] = passage;
  if (begin >= end || 2 * end > logits.size())
    return std::nullopt;
  const auto starts = probabilities(logits, 0, begin, end);
  const auto ends = probabilities(logits, 1, begin, end);
  answer_span best{begin, begin, -1};
  for (std::size_t first = 0; first < starts.size(); ++first)
    for (std::size_t last = first; last < std::min(first + longest, ends.size()); ++last)
      if (const double score = starts[first] * ends[last]; score > best.score)
        best = {begin + first, begin + last, score};
  return best;
}

std::string_view code_points(std::string_view text, std::size_t begin, std::size_t end) {
  const auto byte_at = [text](std::size_t from, std::size_t count) {
    for (; count > 0 && from < text.size(); --count)
      from += chalkstream::text::utf8_length(static_cast<unsigned char>(text[from]));
    return std::min(from, text.size());
  };
  const auto first = byte_at(0, begin);
  return text.substr(first, byte_at(first, end - std::min(begin, end)) - first);
}

} // namespace chalkstream::pipelines::tools

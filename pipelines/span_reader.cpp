#include "pipelines/span_reader.hpp"

#include "models/text/utf8.hpp"
#include "pipelines/answer_span.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

std::size_t span_draft::rows() const noexcept {
  std::size_t sum = 0;
  for (const auto& w : windows)
    sum += w.tokens;
  return sum;
}

result<span_draft> draft_span(const text::tokenizer& tokenizer, std::size_t max_tokens, std::string_view question,
                              std::string_view passage, const span_settings& settings,
                              std::vector<sequence>& sequences) {
  CHALK_TRY(auto windows, tokenizer.encode_windows(
                              question, passage,
                              {.max_tokens = max_tokens, .stride = settings.stride, .most = settings.most_windows}));
  span_draft draft;
  for (auto& [encoded, from] : windows) {
    draft.cut |= encoded.truncated;
    const auto [begin, end] = encoded.second;
    draft.windows.push_back({encoded.ids.size(),
                             encoded.second,
                             from,
                             {encoded.offsets.begin() + static_cast<std::ptrdiff_t>(begin),
                              encoded.offsets.begin() + static_cast<std::ptrdiff_t>(end)}});
    sequences.push_back({std::move(encoded.ids), std::move(encoded.types)});
  }
  return draft;
}

std::optional<found_span> conclude_span(const span_draft& draft, std::span<const float> logits, std::size_t longest) {
  if (logits.size() != 2 * draft.rows())
    return std::nullopt;
  std::vector<span_window> windows;
  for (const auto& w : draft.windows) {
    windows.push_back({logits.first(2 * w.tokens), w.passage, w.from});
    logits = logits.subspan(2 * w.tokens);
  }
  const auto choice = choose_span(windows, longest);
  if (!choice)
    return std::nullopt;
  found_span found;
  found.no_answer = choice->no_answer;
  if (const auto& best = choice->best) {
    const auto& in = draft.windows[best->window];
    found.start = in.offsets[best->first - in.passage.first].first;
    found.end = in.offsets[best->last - in.passage.first].second;
    found.score = best->score;
  }
  return found;
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

} // namespace chalkstream::pipelines

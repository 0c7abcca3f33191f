#include "pipelines/answer_span.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace chalkstream::pipelines {

namespace {

enum edge : std::size_t { start, end };

double logit(const span_window& window, std::size_t token, edge which) {
  return window.logits[2 * token + which];
}

bool usable(const span_window& window) {
  const auto [begin, stop] = window.passage;
  return begin <= stop && 2 * stop <= window.logits.size()
         && std::all_of(window.logits.begin(), window.logits.end(), [](float x) { return std::isfinite(x); });
}

/// The window that is least sure that there is no answer, of those with a token before the passage.
const span_window* least_null(std::span<const span_window> windows) {
  const span_window* least = nullptr;
  const auto sum = [](const span_window& w) { return logit(w, 0, start) + logit(w, 0, end); };
  for (const auto& w : windows)
    if (w.passage.first > 0 && (least == nullptr || sum(w) < sum(*least)))
      least = &w;
  return least;
}

/// Logarithm of the sum over the passage's tokens and "no answer" of e to their logits.
double log_total(std::span<const span_window> windows, const span_window* null, edge which) {
  std::vector<double> logits;
  for (const auto& w : windows)
    for (std::size_t token = w.passage.first; token < w.passage.second; ++token) {
      const auto at = w.from + token - w.passage.first;
      if (at >= logits.size())
        logits.resize(at + 1, -std::numeric_limits<double>::infinity());
      logits[at] = std::max(logits[at], logit(w, token, which));
    }
  if (null != nullptr)
    logits.push_back(logit(*null, 0, which));
  const double top = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (const double x : logits)
    total += std::exp(x - top);
  return top + std::log(total);
}

} // namespace

std::optional<span_choice> choose_span(std::span<const span_window> windows, std::size_t longest) {
  span_choice made;
  double best = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto& w = windows[i];
    if (!usable(w))
      return std::nullopt;
    for (std::size_t first = w.passage.first; first < w.passage.second; ++first)
      for (std::size_t last = first; last < w.passage.second && last - first < longest; ++last)
        if (const double sum = logit(w, first, start) + logit(w, last, end); !made.best || sum > best) {
          made.best = {i, first, last, 0};
          best = sum;
        }
  }
  if (!made.best)
    return made;
  const auto* null = least_null(windows);
  const double total = log_total(windows, null, start) + log_total(windows, null, end);
  made.best->score = std::exp(best - total);
  if (null != nullptr)
    made.no_answer = std::exp(logit(*null, 0, start) + logit(*null, 0, end) - total);
  return made;
}

} // namespace chalkstream::pipelines

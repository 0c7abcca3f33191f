#include "education/summary_choice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace chalkstream::education {

namespace {

// Fitted on SciTLDR's training part (docs/quality.md), but for headings, which it has not. All are small beside the
// range of the cosines: other kinds of text are built otherwise.
constexpr double place_rise = 0.22, place_fall = 0.25; // of the place in the text, 0 to 1, and of its square
constexpr double short_penalty = 0.15, short_tokens = 20;
constexpr double long_penalty = 0.23, long_tokens = 47;
constexpr double heading_penalty = 0.2;

std::span<const float> row(const embedded_rows& rows, std::size_t width, std::size_t i) {
  return {rows.vectors.data() + i * width, width};
}

template <class Left, class Right>
double dot(const Left& left, const Right& right) {
  double sum = 0;
  for (std::size_t k = 0; k < left.size(); ++k)
    sum += static_cast<double>(left[k]) * static_cast<double>(right[k]);
  return sum;
}

std::vector<double> whole_direction(const embedded_document& all) {
  std::vector<std::size_t> every(all.windows.tokens.size());
  std::iota(every.begin(), every.end(), std::size_t{0});
  return direction(all.windows, all.width, every);
}

double prior(const embedded_document& all, std::size_t i) {
  const auto tokens = static_cast<double>(all.sentences.tokens[i]);
  const auto place = (static_cast<double>(i) + 0.5) / static_cast<double>(all.sentences.tokens.size());
  return place_rise * place - place_fall * place * place - (all.ended[i] ? 0 : heading_penalty)
         - short_penalty * std::max(0.0, 1 - tokens / short_tokens)
         - long_penalty * std::max(0.0, tokens / long_tokens - 1);
}

} // namespace

std::vector<double> direction(const embedded_rows& rows, std::size_t width, std::span<const std::size_t> indices) {
  std::vector<double> sum(width);
  for (const auto i : indices) {
    const auto vector = row(rows, width, i);
    for (std::size_t k = 0; k < width; ++k)
      sum[k] += static_cast<double>(rows.tokens[i]) * static_cast<double>(vector[k]);
  }
  const auto length = std::sqrt(dot(sum, sum));
  for (auto& x : sum)
    x = length > 0 ? x / length : 0;
  return sum;
}

std::vector<double> sentence_scores(const embedded_document& all) {
  const auto whole = whole_direction(all);
  std::vector<double> scores;
  scores.reserve(all.sentences.tokens.size());
  for (std::size_t i = 0; i < all.sentences.tokens.size(); ++i)
    scores.push_back(dot(row(all.sentences, all.width, i), whole) + prior(all, i));
  return scores;
}

summary_choice choose_sentences(const embedded_document& all, std::span<const double> scores,
                                const choice_settings& settings) {
  const auto count = scores.size();
  std::vector<double> nearest(count, 0); // of those chosen before; what is opposite is no loss
  std::vector<bool> taken(count);
  std::vector<std::size_t> picks;
  while (picks.size() < std::min(settings.wanted, count)) {
    std::size_t best = count;
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < count; ++i)
      if (const auto gain = (1 - settings.diversity) * scores[i] - settings.diversity * settings.unit * nearest[i];
          !taken[i] && gain > most) {
        best = i;
        most = gain;
      }
    taken[best] = true;
    picks.push_back(best);
    for (std::size_t i = 0; i < count; ++i)
      nearest[i] = std::max(nearest[i], dot(row(all.sentences, all.width, i), row(all.sentences, all.width, best)));
  }
  std::sort(picks.begin(), picks.end());
  summary_choice choice;
  for (const auto i : picks)
    choice.sentences.push_back({i, scores[i]});
  choice.coverage = std::clamp(dot(direction(all.sentences, all.width, picks), whole_direction(all)), 0.0, 1.0);
  return choice;
}

} // namespace chalkstream::education

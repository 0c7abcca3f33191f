#include "pipelines/essay_score.hpp"

#include "pipelines/probabilities.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines {

namespace {

std::string name_of(const essay_outputs& outputs, std::size_t i, std::string_view otherwise) {
  return i < outputs.names.size() ? outputs.names[i] : std::string{otherwise} + std::to_string(i);
}

void score(const essay_outputs& outputs, std::span<const float> row, outcome& what) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double share =
        std::clamp((static_cast<double>(row[i]) - outputs.lowest) / (outputs.highest - outputs.lowest), 0.0, 1.0);
    sum += share;
    if (row.size() > 1)
      what.traits.push_back({name_of(outputs, i, "trait_"), rounded(share * *what.max_score)});
  }
  what.score = rounded(sum / static_cast<double>(row.size()) * *what.max_score);
  what.label = "scored";
  what.reasons.emplace_back(review_reason::unsure, "the essay model gives no confidence");
}

void place(const essay_outputs& outputs, std::span<const float> logits, outcome& what) {
  const auto probabilities = probabilities_of(logits);
  const auto best = likeliest(probabilities);
  double level = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i)
    level += probabilities[i] * static_cast<double>(i);
  what.score = rounded(level / static_cast<double>(logits.size() - 1) * *what.max_score);
  what.confidence = rounded(probabilities[best]);
  what.label = name_of(outputs, best, "level_");
}

} // namespace

bool score_essay(const essay_outputs& outputs, std::span<const float> row, outcome& what) {
  if (row.empty() || (!outputs.scores && row.size() < 2)
      || !std::all_of(row.begin(), row.end(), [](float x) { return std::isfinite(x); }))
    return false;
  outputs.scores ? score(outputs, row, what) : place(outputs, row, what);
  return true;
}

double rounded(double score) {
  return std::round(score * 1e4) / 1e4;
}

} // namespace chalkstream::pipelines

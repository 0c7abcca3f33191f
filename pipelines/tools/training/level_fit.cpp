#include "pipelines/tools/training/level_fit.hpp"

#include "education/measures/confusion_matrix.hpp"
#include "education/measures/kappa.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chalkstream::pipelines::tools {
namespace {

constexpr int rounds = 3;
constexpr int steps_each_way = 12;

double agreement(const models::level_scale& scale, std::span<const double> scores,
                 std::span<const std::size_t> levels) {
  education::measures::confusion_matrix matrix(scale.levels());
  for (std::size_t i = 0; i < scores.size(); ++i)
    matrix.add(levels[i], scale.level_of(scores[i]));
  const auto kappa = education::measures::quadratic_weighted_kappa(matrix);
  return std::isfinite(kappa) ? kappa : -1;
}

models::level_scale cut_as_often(std::span<const double> scores, std::span<const std::size_t> levels,
                                 std::size_t count) {
  std::vector<double> ordered(scores.begin(), scores.end());
  std::sort(ordered.begin(), ordered.end());
  models::level_scale scale;
  for (std::size_t level = 1; level < count; ++level) {
    const auto below = static_cast<std::size_t>(
        std::count_if(levels.begin(), levels.end(), [level](auto l) { return l < level; }));
    scale.cuts.push_back(static_cast<float>(below < ordered.size() ? ordered[below] : ordered.back() + 1));
  }
  return scale;
}

double deviation_of(std::span<const double> scores) {
  double sum = 0, squares = 0;
  for (const auto s : scores) {
    sum += s;
    squares += s * s;
  }
  const auto n = static_cast<double>(scores.size());
  return std::sqrt(std::max(squares / n - sum / n * (sum / n), 0.0));
}

void move_cuts(models::level_scale& scale, std::span<const double> scores, std::span<const std::size_t> levels) {
  const auto step = 0.4 * deviation_of(scores) / steps_each_way;
  auto best = agreement(scale, scores, levels);
  for (int round = 0; round < rounds; ++round)
    for (std::size_t c = 0; c < scale.cuts.size(); ++c) {
      const auto begun = scale.cuts[c];
      for (int move = -steps_each_way; move <= steps_each_way; ++move) {
        auto tried = scale;
        tried.cuts[c] = static_cast<float>(double{begun} + step * move);
        if (!std::is_sorted(tried.cuts.begin(), tried.cuts.end()))
          continue;
        if (const auto now = agreement(tried, scores, levels); now > best) {
          best = now;
          scale = tried;
        }
      }
    }
}

double surprise(const models::level_scale& scale, std::span<const double> scores,
                std::span<const std::size_t> levels) {
  double sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    sum -= double{scale.logits(scores[i])[levels[i]]};
  return sum;
}

} // namespace

models::level_scale fit_levels(std::span<const double> scores, std::span<const std::size_t> levels,
                               std::size_t count) {
  auto scale = cut_as_often(scores, levels, count);
  move_cuts(scale, scores, levels);
  const auto deviation = std::max(deviation_of(scores), 1e-6);
  auto best = scale;
  double least = INFINITY;
  for (int step = 0; step < 60; ++step) {
    scale.spread = static_cast<float>(deviation * 0.01 * std::pow(1.1, step));
    if (const auto now = surprise(scale, scores, levels); now < least) {
      least = now;
      best = scale;
    }
  }
  return best;
}

} // namespace chalkstream::pipelines::tools

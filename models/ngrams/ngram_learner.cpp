#include "models/ngrams/ngram_learner.hpp"

#include "models/ngrams/ridge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace chalkstream::models {
namespace {

struct standard {
  std::array<double, text_shape_width> mean{};
  std::array<double, text_shape_width> deviation{};
};

standard standard_of(std::span<const ngram_counts* const> texts) {
  standard s;
  const auto n = static_cast<double>(texts.size());
  for (std::size_t j = 0; j < text_shape_width; ++j) {
    for (const auto* t : texts)
      s.mean[j] += double{t->shape[j]} / n;
    double squares = 0;
    for (const auto* t : texts)
      squares += (double{t->shape[j]} - s.mean[j]) * (double{t->shape[j]} - s.mean[j]) / n;
    s.deviation[j] = squares > 0 ? std::sqrt(squares) : 1;
  }
  return s;
}

} // namespace

ngram_learner::ngram_learner(std::span<const std::string_view> texts, const ngram_learning& how) : how_(how) {
  counts_.reserve(texts.size());
  for (const auto text : texts)
    counts_.push_back(count_ngrams(text, how_.settings));
}

ngram_weights ngram_learner::learn(std::span<const std::size_t> which, std::span<const double> goals,
                                   std::size_t outputs) const {
  std::vector<const ngram_counts*> texts;
  for (const auto i : which)
    texts.push_back(&counts_[i]);
  ngram_weights made;
  made.settings = how_.settings;
  made.rarity = rarity_of(texts, how_.settings.buckets(), how_.least_texts);
  const auto shape = standard_of(texts);

  std::vector<ridge_row> rows;
  std::vector<const ridge_row*> seen;
  rows.reserve(texts.size());
  for (const auto* t : texts) {
    auto& row = rows.emplace_back(ridge_row{weigh(*t, made.rarity), {}});
    for (std::size_t j = 0; j < text_shape_width; ++j)
      row.dense.push_back(static_cast<float>((double{t->shape[j]} - shape.mean[j]) / shape.deviation[j]
                                             * how_.shape_weight));
    seen.push_back(&row);
  }
  for (std::size_t o = 0; o < outputs; ++o) {
    std::vector<double> wanted;
    for (const auto i : which)
      wanted.push_back(goals[i * outputs + o]);
    const auto fit = fit_ridge(seen, wanted, how_.settings.buckets(), how_.penalty);
    auto bias = fit.intercept;
    const auto* dense = fit.weights.data() + how_.settings.buckets();
    for (std::size_t j = 0; j < text_shape_width; ++j) {
      const auto weight = dense[j] * how_.shape_weight / shape.deviation[j];
      made.shape.push_back(static_cast<float>(weight));
      bias -= weight * shape.mean[j];
    }
    made.bias.push_back(static_cast<float>(bias));
    std::transform(fit.weights.begin(), fit.weights.begin() + static_cast<std::ptrdiff_t>(how_.settings.buckets()),
                   std::back_inserter(made.weight), [](double w) { return static_cast<float>(w); });
  }
  return made;
}

ngram_weights ngram_learner::learn(std::span<const double> goals, std::size_t outputs) const {
  std::vector<std::size_t> all(counts_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  auto made = learn(all, goals, outputs);
  if (how_.progress)
    how_.progress();
  return made;
}

std::vector<double> ngram_learner::held_out(std::span<const double> goals, std::size_t outputs,
                                            std::span<const std::size_t> folds, std::size_t fold_count) const {
  std::vector<double> scores(goals.size());
  for (std::size_t fold = 0; fold < fold_count; ++fold) {
    std::vector<std::size_t> seen;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (folds[i] != fold)
        seen.push_back(i);
    const auto weights = learn(seen, goals, outputs);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (folds[i] != fold)
        continue;
      const auto of_text = weights.score(counts_[i]);
      std::copy(of_text.begin(), of_text.end(), scores.begin() + static_cast<std::ptrdiff_t>(i * outputs));
    }
    if (how_.progress)
      how_.progress();
  }
  return scores;
}

} // namespace chalkstream::models

#include "pipelines/tools/training/ngram_training.hpp"

#include "education/measures/bootstrap.hpp"
#include "models/new_file.hpp"
#include "models/ngrams/ngram_directory.hpp"
#include "models/ngrams/ngram_learner.hpp"
#include "pipelines/tools/training/figures.hpp"
#include "pipelines/tools/training/level_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t fold_count = 5;
constexpr std::size_t draws = 3; // of folds: with one alone the cuts depend on how it fell
constexpr std::size_t least_examples = 10;

std::size_t level_of(const text_example& example, const std::vector<std::string>& scale) {
  return static_cast<std::size_t>(std::find(scale.begin(), scale.end(), example.label) - scale.begin());
}

/// Rows of values an example, one an output: its scores, or the place of its label on the scale.
std::vector<double> goals_of(const example_set& set, const std::vector<std::string>& scale) {
  std::vector<double> goals;
  for (const auto& example : set.examples)
    if (scale.empty())
      goals.insert(goals.end(), example.scores.begin(), example.scores.end());
    else
      goals.push_back(static_cast<double>(level_of(example, scale)));
  return goals;
}

/// Groups are drawn and dealt out in turn, each to the smallest fold; an example without one is a group of its own.
std::vector<std::size_t> folds_of(const example_set& set, std::uint64_t seed) {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < set.examples.size(); ++i) {
    const auto& name = set.examples[i].group;
    groups[name.empty() ? "\n" + std::to_string(i) : name].push_back(i);
  }
  std::vector<const std::vector<std::size_t>*> order;
  order.reserve(groups.size());
  for (const auto& [name, rows] : groups)
    order.push_back(&rows);
  education::measures::row_generator random{seed};
  random.shuffle(std::span{order});
  std::vector<std::size_t> sizes(fold_count, 0);
  std::vector<std::size_t> folds(set.examples.size());
  for (const auto* rows : order) {
    const auto smallest = static_cast<std::size_t>(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
    sizes[smallest] += rows->size();
    for (const auto row : *rows)
      folds[row] = smallest;
  }
  return folds;
}

std::vector<std::vector<float>> judged(const models::ngram_weights& weights, const example_set& set) {
  std::vector<std::vector<float>> rows;
  for (const auto& example : set.examples) {
    const auto scores = weights.score(models::count_ngrams(example.text, weights.settings));
    rows.push_back(weights.levels ? weights.levels->logits(scores.front())
                                  : std::vector<float>(scores.begin(), scores.end()));
  }
  return rows;
}

} // namespace

result<run_report> train_ngrams(const split_examples& parts, const ngram_options& options,
                                const run_settings& settings, const run_watcher& watcher) {
  CHALK_CHECK(check_free(settings.out));
  const auto& learning = parts.training;
  const bool levels = !options.scale.empty();
  if (learning.examples.size() < least_examples)
    return error{errc::invalid_argument, learning.files.front() + ": has " + std::to_string(learning.examples.size())
                                             + " rows to learn from; n-grams need at least "
                                             + std::to_string(least_examples)};
  for (const auto* part : {&parts.training, &parts.validation})
    for (const auto& example : part->examples)
      if (levels && level_of(example, options.scale) == options.scale.size())
        return error{errc::invalid_argument,
                     part->place(example) + ": the label '" + example.label + "' is not on the --scale"};

  std::vector<std::string_view> texts;
  for (const auto& example : learning.examples)
    texts.emplace_back(example.text);
  models::ngram_learning how;
  how.penalty = options.penalty;
  how.shape_weight = options.shape_weight;
  const std::size_t fits = levels ? draws * fold_count + 1 : 1;
  how.progress = [&watcher, fits, fitted = std::size_t{0}]() mutable {
    if (watcher.moved)
      watcher.moved({1, 1, ++fitted, fits, 0, -1});
  };
  const models::ngram_learner learner(texts, how);
  const auto outputs = levels ? 1 : learning.traits.size();
  const auto goals = goals_of(learning, options.scale);
  std::optional<models::level_scale> cut;
  if (levels) {
    std::vector<double> scores;
    std::vector<std::size_t> right;
    for (std::size_t draw = 0; draw < draws; ++draw) {
      const auto drawn = learner.held_out(goals, 1, folds_of(learning, settings.seed * draws + draw), fold_count);
      scores.insert(scores.end(), drawn.begin(), drawn.end());
      for (const auto& example : learning.examples)
        right.push_back(level_of(example, options.scale));
    }
    cut = fit_levels(scores, right, options.scale.size());
  }
  auto weights = learner.learn(goals, outputs);
  weights.levels = cut;

  epoch_record only{1, 1, std::numeric_limits<double>::quiet_NaN(), {}};
  const auto rows = judged(weights, parts.validation);
  if (levels) {
    CHALK_TRY(only.validation, label_figures(rows, options.scale, parts.validation, true));
  } else {
    only.validation = score_figures(rows, parts.validation);
  }
  only.validation.loss = std::numeric_limits<double>::quiet_NaN();
  auto names = levels ? options.scale : learning.traits;
  std::replace(names.begin(), names.end(), std::string{}, std::string{"score"}); // the only one has no name
  CHALK_CHECK(models::write_ngram_directory(settings.out, weights, names));
  run_report report;
  report.figure = levels ? "qwk" : outputs > 1 ? "mcrmse" : "rmse";
  report.best = only;
  report.history.started_with = settings.started_with;
  report.history.started_with.emplace_back("penalty", std::to_string(options.penalty));
  report.history.started_with.emplace_back("shape-weight", std::to_string(options.shape_weight));
  report.history.epochs = {only};
  report.history.finished = true;
  CHALK_CHECK(models::write_file(settings.out / "training.json", to_json(report.history) + "\n"));
  return report;
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/training/summary_training.hpp"

#include "education/measures/text_measures.hpp"
#include "models/new_file.hpp"
#include "models/ngrams/ridge.hpp"
#include "pipelines/summary_head_directory.hpp"
#include "pipelines/tools/training/figures.hpp"
#include "pipelines/tools/training/summary_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

namespace chalkstream::pipelines::tools {

namespace {

namespace measures = education::measures;
using education::sentence_feature_names;
using education::summary_head;

constexpr std::size_t least_texts = 20;
// Measured on SciTLDR's training part by five folds of its abstracts (docs/quality.md).
constexpr double penalty = 300;
constexpr double phrase_share = 0.01;        // of the texts that must have a phrase for it to count …
constexpr std::size_t least_with_phrase = 3; // … and this many at least
constexpr measures::rouge_settings rouge_of_words{.words = measures::words_of::any_script};

double within(const std::vector<double>& values) {
  const auto mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  return std::accumulate(values.begin(), values.end(), 0.0,
                         [mean](double sum, double x) { return sum + (x - mean) * (x - mean); });
}

/// The sentences of all texts to learn from, and what each is worth.
class lesson {
public:
  result<void> add(const summary_row& row) {
    if (row.draft.sentences.size() < 2)
      return {}; // there is nothing to choose
    const auto text = read_rows(row.draft, row.sequences, row.rows);
    if (!text)
      return {errc::corrupt, "line " + std::to_string(row.example->line)
                                 + ": the encoder's output is not a row of numbers for each sentence"};
    std::vector<double> worth;
    for (const auto sentence : text->sentences)
      worth.push_back(measures::rouge(sentence, row.example->answers, rouge_of_words).rouge1);
    const auto mean = std::accumulate(worth.begin(), worth.end(), 0.0) / static_cast<double>(worth.size());
    for (const auto value : worth)
      goals_.push_back(value - mean);
    worth_ += mean * static_cast<double>(worth.size());
    add_features(education::features_of(text->embedded, text->sentences));
    untrained_ += within(scores_of(*text, nullptr));
    ends_.push_back(goals_.size());
    return {};
  }

  std::size_t texts() const noexcept { return ends_.size(); }

  summary_head learn() const {
    const auto kept = kept_phrases();
    std::vector<std::uint32_t> place(phrases_.size(), 0);
    for (std::size_t i = 0; i < kept.size(); ++i)
      place[phrases_.at(kept[i])] = static_cast<std::uint32_t>(i + 1);
    const auto [mean, deviation] = standard();
    std::vector<models::ridge_row> rows(numbers_.size());
    std::vector<const models::ridge_row*> each;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (const auto phrase : seen_[i])
        if (place[phrase] > 0)
          rows[i].sparse.push_back({place[phrase] - 1, 1});
      for (std::size_t f = 0; f < mean.size(); ++f)
        rows[i].dense.push_back(static_cast<float>((double{numbers_[i][f]} - mean[f]) / deviation[f]));
      each.push_back(&rows[i]);
    }
    const auto fit = models::fit_ridge(each, goals_, kept.size(), penalty);
    summary_head head;
    head.phrases = kept;
    head.phrase_weights.assign(fit.weights.begin(), fit.weights.begin() + static_cast<std::ptrdiff_t>(kept.size()));
    auto bias = fit.intercept + worth_ / static_cast<double>(goals_.size());
    for (std::size_t f = 0; f < mean.size(); ++f) {
      const auto weight = fit.weights[kept.size() + f] / deviation[f];
      head.feature_weights[f] = static_cast<float>(weight);
      bias -= weight * mean[f];
    }
    head.bias = static_cast<float>(bias);
    head.unit = unit_of(fit, rows);
    return head;
  }

private:
  using numbers = std::array<float, sentence_feature_names.size()>;

  void add_features(const std::vector<education::sentence_features>& sentences) {
    for (const auto& sentence : sentences) {
      numbers_.push_back(sentence.numbers);
      auto& seen = seen_.emplace_back();
      for (const auto& phrase : sentence.phrases) {
        const auto id = phrases_.try_emplace(phrase, static_cast<std::uint32_t>(phrases_.size())).first->second;
        seen.push_back(id);
        if (id == with_phrase_.size())
          with_phrase_.push_back({});
        auto& [count, last] = with_phrase_[id];
        count += last != ends_.size() + 1 ? 1 : 0;
        last = ends_.size() + 1;
      }
    }
  }

  std::vector<std::string> kept_phrases() const {
    const auto least = std::max(static_cast<double>(least_with_phrase), phrase_share * static_cast<double>(texts()));
    std::vector<std::string> kept;
    for (const auto& [phrase, id] : phrases_)
      if (static_cast<double>(with_phrase_[id].texts) >= least)
        kept.push_back(phrase);
    std::sort(kept.begin(), kept.end());
    return kept;
  }

  std::pair<std::array<double, sentence_feature_names.size()>, std::array<double, sentence_feature_names.size()>>
  standard() const {
    std::array<double, sentence_feature_names.size()> mean{}, deviation{};
    const auto count = static_cast<double>(numbers_.size());
    for (std::size_t f = 0; f < mean.size(); ++f) {
      for (const auto& row : numbers_)
        mean[f] += double{row[f]} / count;
      double squares = 0;
      for (const auto& row : numbers_)
        squares += (double{row[f]} - mean[f]) * (double{row[f]} - mean[f]) / count;
      deviation[f] = squares > 1e-12 ? std::sqrt(squares) : 1;
    }
    return {mean, deviation};
  }

  /// So that sentences which repeat each other lose beside the learnt scores what they lose beside the untrained
  /// ones.
  float unit_of(const models::ridge_fit& fit, const std::vector<models::ridge_row>& rows) const {
    double learnt = 0;
    std::size_t begin = 0;
    for (const auto end : ends_) {
      std::vector<double> scores;
      for (; begin < end; ++begin)
        scores.push_back(fit.predict(rows[begin]));
      learnt += within(scores);
    }
    return untrained_ > 0 ? static_cast<float>(std::sqrt(learnt / untrained_)) : 1;
  }

  struct occurrence {
    std::size_t texts = 0;
    std::size_t last = 0; // the text, from 1
  };

  std::vector<double> goals_; // without their text's mean
  std::vector<numbers> numbers_;
  std::vector<std::vector<std::uint32_t>> seen_;
  std::vector<std::size_t> ends_; // of each text, among the sentences
  std::unordered_map<std::string, std::uint32_t> phrases_;
  std::vector<occurrence> with_phrase_;
  double worth_ = 0;
  double untrained_ = 0;
};

} // namespace

result<run_report> train_summary_head(const split_examples& parts, const encoder_settings& encoder,
                                      const run_settings& settings, const run_watcher& watcher) {
  CHALK_CHECK(check_free(settings.out));
  CHALK_TRY(const auto reader, summary_reader::make(encoder));
  const auto texts = parts.training.examples.size() + parts.validation.examples.size();
  const auto moved_from = [&](std::size_t before) {
    return [&, before](std::size_t read) {
      if (watcher.moved)
        watcher.moved({1, 1, before + read, texts, 0, -1});
      return watcher.over && watcher.over();
    };
  };
  lesson all;
  CHALK_CHECK(reader.read(
      parts.training, [&all](const summary_row& row) { return all.add(row); }, moved_from(0)));
  if (all.texts() < least_texts)
    return error{errc::invalid_argument, parts.training.files.front() + ": has " + std::to_string(all.texts())
                                             + " texts of two sentences or more to learn from; there must be "
                                             + std::to_string(least_texts) + " at least"};
  summary_settings choosing;
  choosing.head = std::make_shared<const summary_head>(all.learn());
  measures::text_rows judged;
  const auto judge = [&](const summary_row& row) -> result<void> {
    const auto made = row.draft.sentences.size() < 2
                          ? whole_text(row.draft)
                          : conclude_summary(row.draft, row.sequences, row.rows, choosing, 1).value_or(summary{});
    judged.predicted.push_back(made.text);
    judged.references.push_back(row.example->answers);
    return {};
  };
  CHALK_CHECK(reader.read(parts.validation, judge, moved_from(parts.training.examples.size())));

  constexpr auto none = std::numeric_limits<double>::quiet_NaN();
  epoch_record only{1, 1, none, named_figures(*measures::summary_measures(judged, rouge_of_words))};
  only.validation.loss = none;
  CHALK_CHECK(write_summary_head(settings.out, *choosing.head));
  run_report report;
  report.figure = "rouge1";
  report.best = only;
  report.history.started_with = settings.started_with;
  report.history.started_with.emplace_back("penalty", std::to_string(penalty));
  report.history.epochs = {only};
  report.history.finished = true;
  CHALK_CHECK(copy_encoder(encoder.model, settings.out));
  CHALK_CHECK(models::write_file(settings.out / "training.json", to_json(report.history) + "\n"));
  return report;
}

} // namespace chalkstream::pipelines::tools

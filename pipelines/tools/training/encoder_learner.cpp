#include "pipelines/tools/training/encoder_learner.hpp"

#include "education/measures/text_measures.hpp"
#include "models/text/tokenizer.hpp"
#include "models/training/trainable_encoder.hpp"
#include "pipelines/answer_span.hpp"
#include "pipelines/span_reader.hpp"
#include "pipelines/tools/training/figures.hpp"
#include "pipelines/tools/training/model_learner.hpp"
#include "pipelines/tools/training/tokenized_examples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace chalkstream::pipelines::tools {

namespace {

namespace measures = education::measures;
using models::training::objective;
using models::training::trainable_encoder;
using models::training::training_example;

constexpr std::size_t judged_at_once = 4096; // tokens; what one call holds in memory

class encoder_learner final : public model_learner<trainable_encoder> {
public:
  encoder_learner(std::unique_ptr<trainable_encoder> model, learnt learns, std::vector<std::string> labels,
                  std::size_t max_tokens)
      : model_learner(std::move(model)), learns_(learns), labels_(std::move(labels)), max_tokens_(max_tokens) {}

  void take(std::vector<tokenized_example> training, std::vector<tokenized_example> validation, example_set judged) {
    training_ = std::move(training);
    validation_ = std::move(validation);
    judged_ = std::move(judged);
    for (const auto& example : training_)
      costs_.push_back(example.tokens.ids.size());
  }

  std::span<const std::size_t> costs() const override { return costs_; }

  result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                      double rate) override {
    return step_over(batches, seeds, rate,
                     [this, of = examples_in(batches)](const example_batch& batch, std::uint64_t seed) {
                       std::vector<training_example> rows;
                       for (const auto place : batch)
                         rows.push_back({&training_[place].tokens, &training_[place].goal});
                       return model_->learn(rows, of, seed);
                     });
  }

  result<validation_figures> validate(const std::function<void(double)>& done) override {
    std::vector<std::size_t> order(validation_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return validation_[a].tokens.ids.size() < validation_[b].tokens.ids.size();
    });
    std::vector<std::vector<float>> rows(validation_.size());
    double loss = 0;
    for (std::size_t begin = 0; begin < order.size();) {
      std::vector<training_example> batch;
      std::size_t tokens = 0;
      auto end = begin;
      while (end < order.size()
             && (end == begin || tokens + validation_[order[end]].tokens.ids.size() <= judged_at_once)) {
        const auto& example = validation_[order[end++]];
        tokens += example.tokens.ids.size();
        batch.push_back({&example.tokens, &example.goal});
      }
      CHALK_TRY(const auto judged, model_->judge(batch));
      loss += judged.loss;
      const float* from = judged.rows.values.data();
      for (; begin < end; ++begin) {
        const auto count =
            judged.rows.width * (learns_ == learnt::answer ? validation_[order[begin]].tokens.ids.size() : 1);
        rows[order[begin]].assign(from, from + count);
        from += count;
      }
      done(static_cast<double>(end) / static_cast<double>(order.size()));
    }
    CHALK_TRY(auto figures, measured(rows));
    figures.loss = loss / static_cast<double>(validation_.size());
    return figures;
  }

  result<std::vector<std::string>> figure_names() const override {
    std::vector<std::vector<float>> rows;
    for (const auto& example : validation_)
      rows.emplace_back(learns_ == learnt::answer ? 2 * example.tokens.ids.size() : labels_.size(), 0.0f);
    CHALK_TRY(const auto figures, measured(rows));
    std::vector<std::string> names;
    for (const auto& figure : figures.values)
      names.push_back(figure.first);
    return names;
  }

  std::string usual_figure() const override {
    switch (learns_) {
    case learnt::label:
      return "macro_f1";
    case learnt::scores:
      return labels_.size() > 1 ? "mcrmse" : "rmse";
    case learnt::answer:
    case learnt::text:    // of writing_learner
    case learnt::summary: // of summary_training
      break;
    }
    return "f1";
  }

  result<void> write_model(const std::filesystem::path& directory) const override {
    return model_->write_model(directory, max_tokens_);
  }

private:
  result<validation_figures> measured(const std::vector<std::vector<float>>& rows) const {
    switch (learns_) {
    case learnt::label:
      return label_figures(rows, labels_, judged_);
    case learnt::scores:
      return score_figures(rows, judged_);
    case learnt::answer:
    case learnt::text:    // of writing_learner
    case learnt::summary: // of summary_training
      break;
    }
    return named_figures(*measures::answer_measures(answered(rows)));
  }

  measures::text_rows answered(const std::vector<std::vector<float>>& rows) const {
    measures::text_rows made;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& example = validation_[i];
      const span_window only{rows[i], example.passage};
      const auto& passage = *judged_.examples[i].pair;
      auto& predicted = made.predicted.emplace_back();
      if (const auto choice = choose_span({&only, 1}, span_settings{}.longest); choice && choice->best) {
        const auto& best = *choice->best;
        predicted = code_points(passage, example.offsets[best.first].first, example.offsets[best.last].second);
      }
      made.references.push_back(judged_.examples[i].answers);
    }
    return made;
  }

  learnt learns_;
  std::vector<std::string> labels_; // of labels or scores
  std::size_t max_tokens_;          // 0: as the model's directory says
  std::vector<tokenized_example> training_, validation_;
  example_set judged_; // what validation_ was made of
  std::vector<std::size_t> costs_;
};

std::vector<double> weights_of(const example_set& set, const std::vector<std::string>& labels) {
  std::vector<double> counts(labels.size(), 0);
  for (const auto& example : set.examples)
    ++counts[static_cast<std::size_t>(std::find(labels.begin(), labels.end(), example.label) - labels.begin())];
  for (auto& count : counts)
    count = static_cast<double>(set.examples.size()) / (static_cast<double>(labels.size()) * count);
  return counts;
}

result<std::vector<models::training::score_scale>> scales_of(const example_set& set) {
  std::vector<models::training::score_scale> scales(set.traits.size());
  const auto rows = static_cast<double>(set.examples.size());
  for (std::size_t t = 0; t < scales.size(); ++t) {
    double sum = 0;
    double squares = 0;
    for (const auto& example : set.examples)
      sum += example.scores[t];
    scales[t].mean = sum / rows;
    for (const auto& example : set.examples)
      squares += std::pow(example.scores[t] - scales[t].mean, 2);
    scales[t].deviation = std::sqrt(squares / rows);
    if (!(scales[t].deviation > 0) || !std::isfinite(scales[t].deviation))
      return error{errc::invalid_argument, set.files.front() + ": every row to train with has the same score"
                                               + (set.traits[t].empty() ? "" : " of `" + set.traits[t] + "`")
                                               + "; there is nothing to learn"};
  }
  return scales;
}

result<models::training::trainable_settings> trainable_of(const split_examples& examples,
                                                          const encoder_settings& settings) {
  models::training::trainable_settings made;
  made.model.directory = settings.model;
  made.model.seed = settings.seed;
  made.optimiser = settings.optimiser;
  made.device = settings.device;
  made.mixed = settings.mixed;
  made.threads = settings.threads;
  switch (settings.learns) {
  case learnt::label: {
    CHALK_TRY(made.model.labels, labels_of(examples.training));
    CHALK_CHECK(check_labels(examples, made.model.labels));
    made.model.problem_type = "single_label_classification";
    if (settings.weights == label_weights::balanced)
      made.label_weights = weights_of(examples.training, made.model.labels);
    break;
  }
  case learnt::scores: {
    made.learns = objective::scores;
    for (const auto& trait : examples.training.traits)
      made.model.labels.push_back(trait.empty() ? "LABEL_0" : trait);
    made.model.problem_type = "regression";
    CHALK_TRY(made.scales, scales_of(examples.training));
    break;
  }
  case learnt::answer:
    made.learns = objective::answers;
    made.model.head = models::head_kind::span;
    break;
  case learnt::text:
    return error{errc::internal, "an encoder does not learn to write"};
  case learnt::summary:
    return error{errc::internal, "a summary head is not learnt with gradients"};
  }
  return made;
}

// A tokenizer of another model would show only when a row of a table is missing.
result<void> check_tokens(const trainable_encoder& model, const std::vector<tokenized_example>& all,
                          const example_set& set) {
  for (const auto& one : all)
    if (auto good = model.check(one.tokens); !good)
      return {good.error().code, set.place(set.examples[one.example]) + ": " + good.error().message};
  return {};
}

} // namespace

result<std::unique_ptr<learner>> make_encoder_learner(const split_examples& examples,
                                                      const encoder_settings& settings) {
  CHALK_TRY(const auto trainable, trainable_of(examples, settings));
  CHALK_TRY(const auto tokenizer, text::tokenizer::load(settings.model));
  CHALK_TRY(auto model, trainable_encoder::make(trainable));
  if (settings.max_tokens > model->max_tokens())
    return error{errc::invalid_argument, "--max-tokens " + std::to_string(settings.max_tokens) + " is more than the "
                                             + std::to_string(model->max_tokens()) + " that "
                                             + settings.model.string() + " reads"};
  const auto most = settings.max_tokens > 0 ? settings.max_tokens : model->max_tokens();
  const tokenizing how{*tokenizer, settings.learns, trainable.model.labels, most};
  CHALK_TRY(auto training, tokenize_in_windows(examples.training, how));
  CHALK_TRY(auto validation, tokenize(examples.validation, how));
  CHALK_CHECK(check_tokens(*model, training, examples.training));
  CHALK_CHECK(check_tokens(*model, validation, examples.validation));
  auto made = std::make_unique<encoder_learner>(std::move(model), settings.learns, trainable.model.labels,
                                                settings.max_tokens);
  made->take(std::move(training), std::move(validation), examples.validation);
  return std::unique_ptr<learner>(std::move(made));
}

} // namespace chalkstream::pipelines::tools

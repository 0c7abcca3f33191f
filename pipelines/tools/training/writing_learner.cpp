#include "pipelines/tools/training/writing_learner.hpp"

#include "education/measures/text_measures.hpp"
#include "models/text/tokenizer.hpp"
#include "models/training/trainable_lstm.hpp"
#include "models/training/trainable_transformer.hpp"
#include "pipelines/tools/training/figures.hpp"
#include "pipelines/tools/training/model_learner.hpp"
#include "pipelines/tools/training/writing_pairs.hpp"
#include "pipelines/tools/training/written_texts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

namespace measures = education::measures;
using models::training::model_file;
using models::training::trainable_writer;
using models::training::writing_example;

constexpr std::size_t judged_at_once = 4096; // tokens; what one call holds in memory
constexpr double share_of_losses = 0.3;      // of a validation's time, about

/// A model with the tokenizer that goes with it.
struct writer_parts {
  std::unique_ptr<trainable_writer> model;
  std::shared_ptr<const text::tokenizer> texts, targets;
  std::vector<model_file> files;
  /// Of pair_tokenizing.
  std::optional<std::int32_t> end, first;
  bool bare_targets = false;
  /// The longest text the tokenizer's configuration allows, if it says one.
  std::optional<std::size_t> longest;
};

struct validation_rows {
  std::vector<writing_pair> pairs;
  /// Places in pairs of those that are written, and what each should say.
  std::vector<std::size_t> written;
  std::vector<std::string> references;
};

class writing_learner final : public model_learner<trainable_writer> {
public:
  writing_learner(writer_parts parts, const writer_settings& settings, std::vector<writing_pair> training,
                  validation_rows validation)
      : model_learner(std::move(parts.model)), parts_(std::move(parts)), settings_(settings),
        training_(std::move(training)), validation_(std::move(validation)) {
    for (const auto& pair : training_)
      costs_.push_back(pair.tokens());
    for (const auto place : validation_.written)
      longest_ = std::max(longest_, 2 * validation_.pairs[place].target.size());
    longest_ = std::min(longest_, model_->max_target());
  }

  std::span<const std::size_t> costs() const override { return costs_; }

  result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                      double rate) override {
    std::size_t tokens = 0;
    for (const auto& batch : batches)
      for (const auto place : batch)
        tokens += training_[place].target.size();
    return step_over(batches, seeds, rate, [this, tokens](const example_batch& batch, std::uint64_t seed) {
      std::vector<writing_example> rows;
      for (const auto place : batch)
        rows.push_back(training_[place].view());
      return model_->learn(rows, tokens, seed);
    });
  }

  result<validation_figures> validate(const std::function<void(double)>& done) override {
    CHALK_TRY(const auto loss, mean_loss([&](double share) { done(share * share_of_losses); }));
    CHALK_TRY(const auto model, model_->as_model());
    std::vector<const std::vector<std::int32_t>*> prompts;
    for (const auto place : validation_.written)
      prompts.push_back(&validation_.pairs[place].source);
    CHALK_TRY(const auto written, write_greedily(*model, prompts, longest_, [&](double share) {
                done(share_of_losses + share * (1 - share_of_losses));
              }));
    std::vector<std::string> texts;
    for (const auto& ids : written) {
      CHALK_TRY(auto text, parts_.targets->decode(ids, true));
      texts.push_back(std::move(text));
    }
    auto figures = measured(std::move(texts));
    figures.loss = loss;
    return figures;
  }

  result<std::vector<std::string>> figure_names() const override {
    std::vector<std::string> names;
    for (const auto& figure : measured(std::vector<std::string>(validation_.references.size())).values)
      names.push_back(figure.first);
    return names;
  }

  std::string usual_figure() const override {
    return settings_.writes == written_kind::translation ? "bleu" : "rougeL";
  }

  result<void> write_model(const std::filesystem::path& directory) const override {
    return model_->write_model(directory, parts_.files);
  }

private:
  /// Over the tokens to write of the whole validation part.
  result<double> mean_loss(const std::function<void(double)>& done) {
    const auto& pairs = validation_.pairs;
    std::vector<std::size_t> order(pairs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return pairs[a].tokens() < pairs[b].tokens(); });
    double loss = 0;
    std::size_t to_write = 0;
    for (std::size_t at = 0; at < order.size();) {
      std::vector<writing_example> batch;
      std::size_t tokens = 0;
      while (at < order.size() && (batch.empty() || tokens + pairs[order[at]].tokens() <= judged_at_once)) {
        const auto& pair = pairs[order[at++]];
        tokens += pair.tokens();
        to_write += pair.target.size();
        batch.push_back(pair.view());
      }
      CHALK_TRY(const double sum, model_->judge(batch));
      loss += sum;
      done(static_cast<double>(at) / static_cast<double>(order.size()));
    }
    return loss / static_cast<double>(to_write);
  }

  validation_figures measured(std::vector<std::string> texts) const {
    measures::text_rows rows;
    rows.predicted = std::move(texts);
    for (const auto& reference : validation_.references)
      rows.references.push_back({reference});
    return named_figures(settings_.writes == written_kind::translation
                             ? *measures::translation_measures(rows, settings_.bleu_words)
                             : *measures::summary_measures(rows, {.words = measures::words_of::any_script}));
  }

  writer_parts parts_;
  writer_settings settings_;
  std::vector<writing_pair> training_;
  validation_rows validation_;
  std::vector<std::size_t> costs_;
  std::size_t longest_ = 1; // that is written to be measured
};

models::training::transformer_settings transformer_of(const writer_settings& settings) {
  return {settings.optimiser, settings.smoothing, settings.device, settings.mixed, settings.threads};
}

models::training::lstm_settings lstm_of(const writer_settings& settings) {
  return {settings.optimiser, settings.smoothing, settings.device, settings.mixed, settings.threads};
}

/// The longest text of what begins anew.
std::size_t positions_of(const writer_settings& settings) {
  if (settings.max_tokens > 0)
    return settings.max_tokens;
  return settings.anew.architecture == new_architecture::lstm ? settings.anew.lstm.positions
                                                              : settings.anew.transformer.positions;
}

result<writer_parts> begin_anew(const example_set& training, const writer_settings& settings) {
  const auto positions = positions_of(settings);
  CHALK_TRY(auto tokenizer, learn_words(training, settings.anew.vocabulary, positions));
  writer_parts made;
  switch (settings.anew.architecture) {
  case new_architecture::transformer: {
    auto sizes = settings.anew.transformer;
    sizes.positions = positions;
    CHALK_TRY(auto start, models::training::start_writing_anew(sizes, tokenizer.words, settings.seed));
    CHALK_TRY(made.model, models::training::make_trainable_transformer(std::move(start), transformer_of(settings)));
    break;
  }
  case new_architecture::lstm: {
    auto sizes = settings.anew.lstm;
    sizes.positions = positions;
    CHALK_TRY(auto start, models::training::start_lstm_anew(sizes, tokenizer.words, settings.seed));
    CHALK_TRY(made.model, models::training::make_trainable_lstm(std::move(start), lstm_of(settings)));
    break;
  }
  }
  made.end = tokenizer.words.end;
  made.texts = made.targets = tokenizer.reads;
  made.files = std::move(tokenizer.files);
  return made;
}

result<void> fine_tune_lstm(const writer_settings& settings, writer_parts& into) {
  CHALK_TRY(auto start, models::training::start_lstm_from(settings.model));
  if (!start.generation.rules.ends.empty())
    into.end = start.generation.rules.ends.front();
  CHALK_TRY(into.model, models::training::make_trainable_lstm(std::move(start), lstm_of(settings)));
  return {};
}

result<void> fine_tune_transformer(const writer_settings& settings, writer_parts& into) {
  CHALK_TRY(auto start, models::training::start_writing_from(settings.model));
  if (!start.generation.rules.ends.empty())
    into.end = start.generation.rules.ends.front();
  // mBART's tokenizers mark the language of a source; a target's is what its line begins with.
  into.bare_targets = start.family->model_type == "mbart";
  if (into.bare_targets)
    into.first = start.generation.rules.forced_first;
  CHALK_TRY(into.model, models::training::make_trainable_transformer(std::move(start), transformer_of(settings)));
  return {};
}

result<writer_parts> fine_tune(const writer_settings& settings) {
  const auto& directory = settings.model;
  writer_parts made;
  CHALK_TRY(const bool recurrent, models::training::is_lstm(directory));
  CHALK_CHECK(recurrent ? fine_tune_lstm(settings, made) : fine_tune_transformer(settings, made));
  CHALK_TRY(made.texts, text::tokenizer::load(directory));
  CHALK_TRY(made.targets, text::tokenizer::load_target(directory));
  made.longest = made.texts->configured_max_length();
  CHALK_TRY(made.files, models::training::tokenizer_files(directory, settings.max_tokens));
  return made;
}

result<void> check(const trainable_writer& model, const std::vector<writing_pair>& pairs, const example_set& set) {
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (auto good = model.check(pairs[i].view()); !good)
      return {good.error().code, set.place(set.examples[i]) + ": " + good.error().message};
  return {};
}

validation_rows validation_of(std::vector<writing_pair> pairs, const example_set& set, std::size_t written_rows) {
  validation_rows made;
  const auto count = std::min(pairs.size(), written_rows);
  for (std::size_t i = 0; i < count; ++i) {
    made.written.push_back(i * pairs.size() / count);
    made.references.push_back(set.examples[made.written.back()].target);
  }
  made.pairs = std::move(pairs);
  return made;
}

} // namespace

result<std::unique_ptr<learner>> make_writing_learner(const split_examples& examples,
                                                      const writer_settings& settings) {
  CHALK_TRY(auto parts, settings.model.empty() ? begin_anew(examples.training, settings) : fine_tune(settings));
  auto max_source = std::min(parts.model->max_source(), parts.longest.value_or(parts.model->max_source()));
  auto max_target = std::min(parts.model->max_target(), parts.longest.value_or(parts.model->max_target()));
  if (settings.max_tokens > std::min(max_source, max_target))
    return error{errc::invalid_argument, "--max-tokens " + std::to_string(settings.max_tokens) + " is more than the "
                                             + std::to_string(std::min(max_source, max_target)) + " that "
                                             + settings.model.string() + " takes"};
  if (settings.max_tokens > 0)
    max_source = max_target = settings.max_tokens;
  const pair_tokenizing how{*parts.texts,       *parts.targets, settings.prefix, parts.end,
                            parts.bare_targets, parts.first,    max_source,      max_target};
  CHALK_TRY(auto training, tokenize_pairs(examples.training, how));
  CHALK_TRY(auto validation, tokenize_pairs(examples.validation, how));
  CHALK_CHECK(check(*parts.model, training, examples.training));
  CHALK_CHECK(check(*parts.model, validation, examples.validation));
  return std::unique_ptr<learner>(std::make_unique<writing_learner>(
      std::move(parts), settings, std::move(training),
      validation_of(std::move(validation), examples.validation, settings.written_rows)));
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/training/images/image_learner.hpp"

#include "models/new_file.hpp"
#include "pipelines/tools/training/figures.hpp"
#include "pipelines/tools/training/images/picture_report.hpp"
#include "pipelines/tools/training/model_learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chalkstream::pipelines::tools {

namespace {

using models::training::channel_scale;
using models::training::labelled_picture;
using models::training::trainable_net;
using models::training::trainable_net_settings;

constexpr std::size_t judged_at_once = 256;
constexpr double least_deviation = 1.0 / 255; // of pictures that are all alike

class image_learner final : public model_learner<trainable_net> {
public:
  image_learner(std::unique_ptr<trainable_net> model, split_pictures parts, const augmentation_settings& augmentation)
      : model_learner(std::move(model)), parts_(std::move(parts)), augmentation_(augmentation),
        costs_(parts_.training.size(), 1) {}

  std::span<const std::size_t> costs() const override { return costs_; }

  result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                      double rate) override {
    return step_over(batches, seeds, rate,
                     [this, of = examples_in(batches)](const example_batch& batch, std::uint64_t seed) {
                       return learn(batch, seed, of);
                     });
  }

  result<validation_figures> validate(const std::function<void(double)>& done) override {
    const auto& judged = parts_.validation;
    std::vector<std::vector<float>> rows;
    double loss = 0;
    while (rows.size() < judged.size()) {
      std::vector<labelled_picture> batch;
      for (auto i = rows.size(); i < std::min(rows.size() + judged_at_once, judged.size()); ++i)
        batch.push_back({&judged.pictures[i], judged.goals[i]});
      CHALK_TRY(const auto answer, model_->judge(batch));
      loss += answer.loss;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto row = answer.rows.row(i);
        rows.emplace_back(row.begin(), row.end());
      }
      done(static_cast<double>(rows.size()) / static_cast<double>(judged.size()));
    }
    judged_ = std::move(rows);
    auto figures = measured(judged_);
    figures.loss = loss / static_cast<double>(judged.size());
    return figures;
  }

  result<std::vector<std::string>> figure_names() const override {
    const std::vector<std::vector<float>> rows(parts_.validation.size(),
                                               std::vector<float>(parts_.validation.labels.size(), 0.0f));
    std::vector<std::string> names;
    for (const auto& figure : measured(rows).values)
      names.push_back(figure.first);
    return names;
  }

  std::string usual_figure() const override { return "accuracy"; }

  /// Follows validate().
  result<void> write_model(const std::filesystem::path& directory) const override {
    CHALK_CHECK(model_->write_model(directory));
    return models::write_file(directory / "report.html", picture_report(parts_.validation, judged_, directory));
  }

private:
  result<double> learn(const example_batch& batch, std::uint64_t seed, std::size_t of) {
    const auto& set = parts_.training;
    std::vector<picture> changed;
    changed.reserve(batch.size());
    std::vector<labelled_picture> rows;
    for (const auto place : batch) {
      if (augmentation_.any())
        changed.push_back(augmented(set.pictures[place], augmentation_, seed_of(seed, place, 0)));
      rows.push_back({augmentation_.any() ? &changed.back() : &set.pictures[place], set.goals[place]});
    }
    return model_->learn(rows, of);
  }

  validation_figures measured(const std::vector<std::vector<float>>& rows) const {
    return named_figures(education::measures::label_measures{labelled(parts_.validation, rows)});
  }

  split_pictures parts_;
  augmentation_settings augmentation_;
  std::vector<std::size_t> costs_;
  std::vector<std::vector<float>> judged_; // by the last validate()
};

std::vector<channel_scale> scales_of(const picture_set& set) {
  const auto channels = set.pictures.front().channels;
  std::vector<std::array<std::size_t, 256>> counts(channels, std::array<std::size_t, 256>{});
  for (const auto& image : set.pictures)
    for (std::size_t i = 0; i < image.values.size(); ++i)
      ++counts[i % channels][image.values[i]];
  std::vector<channel_scale> scales;
  for (const auto& count : counts) {
    double total = 0;
    double sum = 0;
    double squares = 0;
    for (std::size_t byte = 0; byte < count.size(); ++byte) {
      const auto times = static_cast<double>(count[byte]);
      const auto value = static_cast<double>(byte) / 255;
      total += times;
      sum += times * value;
      squares += times * value * value;
    }
    const double mean = sum / total;
    scales.push_back({mean, std::max(std::sqrt(std::max(squares / total - mean * mean, 0.0)), least_deviation)});
  }
  return scales;
}

/// Together they count as many as there are pictures.
std::vector<double> balanced_weights(const picture_set& set) {
  std::vector<double> counts(set.labels.size(), 0);
  for (const auto goal : set.goals)
    ++counts[goal];
  std::vector<double> weights;
  weights.reserve(counts.size());
  for (const auto count : counts)
    weights.push_back(count > 0 ? static_cast<double>(set.size()) / (static_cast<double>(counts.size()) * count) : 1);
  return weights;
}

} // namespace

result<std::unique_ptr<learner>> make_image_learner(split_pictures parts, const image_settings& settings) {
  const auto& first = parts.training.pictures.front();
  trainable_net_settings made;
  made.net = models::nets::usual_net(settings.net, first.channels, first.height, first.width, parts.training.labels);
  made.scales = scales_of(parts.training);
  if (settings.weights == label_weights::balanced)
    made.label_weights = balanced_weights(parts.training);
  made.smoothing = settings.smoothing;
  made.optimiser = settings.optimiser;
  made.seed = settings.seed;
  made.device = settings.device;
  made.mixed = settings.mixed;
  made.threads = settings.threads;
  CHALK_TRY(auto model, trainable_net::make(made));
  return std::unique_ptr<learner>(
      std::make_unique<image_learner>(std::move(model), std::move(parts), settings.augmentation));
}

} // namespace chalkstream::pipelines::tools

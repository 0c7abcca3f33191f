#include "pipelines/tools/training/images/gan_learner.hpp"

#include "models/image/png_file.hpp"
#include "models/new_file.hpp"
#include "pipelines/tools/picture_sheet.hpp"
#include "pipelines/tools/training/images/nearest_pictures.hpp"
#include "pipelines/tools/training/model_learner.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace chalkstream::pipelines::tools {

namespace {

using models::training::labelled_picture;
using models::training::trainable_gan;

constexpr std::size_t judged_of_a_label = 30; // drawn after each epoch
constexpr std::size_t most_real_judged = 500; // spread over the validation part

class gan_learner final : public model_learner<trainable_gan> {
public:
  gan_learner(std::unique_ptr<trainable_gan> model, split_pictures parts, std::uint64_t seed)
      : model_learner(std::move(model)), parts_(std::move(parts)), seed_(seed), costs_(parts_.training.size(), 1) {
    for (std::size_t label = 0; label < parts_.training.labels.size(); ++label)
      drawn_labels_.insert(drawn_labels_.end(), judged_of_a_label, label);
    judged_.labels = parts_.validation.labels;
    const auto count = std::min(parts_.validation.size(), most_real_judged);
    const auto stride = static_cast<double>(parts_.validation.size()) / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto place = static_cast<std::size_t>(static_cast<double>(i) * stride);
      judged_.pictures.push_back(parts_.validation.pictures[place]);
      judged_.goals.push_back(parts_.validation.goals[place]);
    }
  }

  std::span<const std::size_t> costs() const override { return costs_; }

  result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                      double rate) override {
    std::vector<labelled_picture> rows;
    for (const auto& batch : batches)
      for (const auto place : batch)
        rows.push_back({&parts_.training.pictures[place], parts_.training.goals[place]});
    CHALK_TRY(const auto losses, model_->step(rows, seeds.front(), rate));
    return std::isfinite(losses.drawing) ? losses.judging : std::numeric_limits<double>::quiet_NaN();
  }

  result<validation_figures> validate(const std::function<void(double)>& done) override {
    CHALK_TRY(drawn_, model_->draw(drawn_labels_, seed_));
    const auto like = likeness_of(judged_, drawn_, drawn_labels_, done);
    return validation_figures{like.distance, {{"nearest_accuracy", like.accuracy}}};
  }

  result<std::vector<std::string>> figure_names() const override {
    return std::vector<std::string>{"nearest_accuracy"};
  }

  std::string usual_figure() const override { return "nearest_accuracy"; }

  /// Follows validate().
  result<void> show(const std::filesystem::path& directory, std::size_t epoch) const override {
    char name[32];
    std::snprintf(name, sizeof name, "epoch-%04zu.png", epoch);
    std::vector<picture> rows;
    const sheet_form form;
    for (std::size_t i = 0; i < drawn_.size(); ++i)
      if (i % judged_of_a_label < form.columns)
        rows.push_back(drawn_[i]);
    std::error_code failed;
    std::filesystem::create_directories(directory / "samples", failed);
    if (failed)
      return {errc::io, (directory / "samples").string() + ": cannot be created: " + failed.message()};
    CHALK_TRY(const auto file, image::png_file(sheet_of(rows, form)));
    return models::write_file(directory / "samples" / name, file);
  }

  result<void> write_model(const std::filesystem::path& directory) const override {
    return model_->write_model(directory);
  }

private:
  split_pictures parts_;
  std::uint64_t seed_;
  std::vector<std::size_t> costs_;
  std::vector<std::size_t> drawn_labels_;
  picture_set judged_;         // of the validation part
  std::vector<picture> drawn_; // by the last validate()
};

models::training::picture_changes changes_of(const augmentation_settings& how) {
  return {how.shift, how.rotation, how.zoom, how.shear, how.flip, how.erase};
}

} // namespace

result<std::unique_ptr<learner>> make_gan_learner(split_pictures parts, const gan_settings& settings) {
  const auto& first = parts.training.pictures.front();
  models::training::trainable_gan_settings made;
  made.net.channels = first.channels;
  made.net.height = first.height;
  made.net.width = first.width;
  made.net.labels = parts.training.labels;
  made.net.latent_size = settings.latent_size;
  if (!settings.hidden_sizes.empty())
    made.net.hidden_sizes = settings.hidden_sizes;
  else if (std::max(first.height, first.width) > 32)
    made.net.hidden_sizes = {256, 128, 64};
  made.changes = changes_of(settings.augmentation);
  made.changes_real_alone = settings.changes_real_alone;
  made.optimiser = settings.optimiser;
  made.variety = settings.variety;
  made.averaging = settings.averaging;
  made.seed = settings.seed;
  made.device = settings.device;
  made.mixed = settings.mixed;
  made.threads = settings.threads;
  CHALK_TRY(auto model, trainable_gan::make(made));
  return std::unique_ptr<learner>(std::make_unique<gan_learner>(std::move(model), std::move(parts), settings.seed));
}

} // namespace chalkstream::pipelines::tools

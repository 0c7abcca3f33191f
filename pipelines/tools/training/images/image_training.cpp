#include "pipelines/tools/training/images/image_training.hpp"

#include "pipelines/tools/training/images/run_over_parts.hpp"

#include <string>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

namespace {

using named_values = std::vector<std::pair<std::string, std::string>>;

/// What a checkpoint must agree with, beside the run's own settings.
named_values identity_of(const image_settings& settings, const split_pictures& parts) {
  named_values all{{"recipe", "image-classify"},
                   {"data", digest_of(parts)},
                   {"net", std::string(models::nets::to_string(settings.net))}};
  add_optimiser(settings.optimiser, all);
  add_augmentation(settings.augmentation, all);
  all.emplace_back("smoothing", std::to_string(settings.smoothing));
  all.emplace_back("class-weights", settings.weights == label_weights::balanced ? "balanced" : "equal");
  all.emplace_back("precision", settings.mixed ? "bfloat16" : "float32");
  return all;
}

} // namespace

result<run_report> train_images(const picture_sources& sources, const image_settings& settings,
                                const run_settings& run, const run_watcher& watcher,
                                const std::function<void(std::size_t, std::size_t)>& began) {
  auto seeded = settings;
  seeded.seed = run.seed;
  CHALK_TRY(auto parts, read_picture_parts(sources, seeded.form, seeded.seed));
  auto identity = identity_of(seeded, parts);
  return run_over_parts(std::move(parts), std::move(identity), run, watcher, began,
                        [&seeded](split_pictures all) { return make_image_learner(std::move(all), seeded); });
}

} // namespace chalkstream::pipelines::tools

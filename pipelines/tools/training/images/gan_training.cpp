#include "pipelines/tools/training/images/gan_training.hpp"

#include "pipelines/tools/training/images/run_over_parts.hpp"

#include <string>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

namespace {

/// What a checkpoint must agree with, beside the run's own settings.
std::vector<std::pair<std::string, std::string>> identity_of(const gan_settings& settings,
                                                             const split_pictures& parts) {
  std::vector<std::pair<std::string, std::string>> all{{"recipe", "gan"}, {"data", digest_of(parts)}};
  add_hidden_sizes(settings.hidden_sizes, all);
  all.emplace_back("latent-size", std::to_string(settings.latent_size));
  all.emplace_back("variety", std::to_string(settings.variety));
  all.emplace_back("averaging", std::to_string(settings.averaging));
  all.emplace_back("beta1", std::to_string(settings.optimiser.beta1));
  all.emplace_back("weight-decay", std::to_string(settings.optimiser.weight_decay));
  all.emplace_back("clip", std::to_string(settings.optimiser.clip));
  add_augmentation(settings.augmentation, all);
  if (settings.changes_real_alone)
    all.emplace_back("augment", "real");
  all.emplace_back("precision", settings.mixed ? "bfloat16" : "float32");
  return all;
}

} // namespace

result<run_report> train_gan(const picture_sources& sources, const gan_settings& settings, const run_settings& run,
                             const run_watcher& watcher, const std::function<void(std::size_t, std::size_t)>& began) {
  auto seeded = settings;
  seeded.seed = run.seed;
  CHALK_TRY(auto parts, read_picture_parts(sources, seeded.form, seeded.seed));
  auto identity = identity_of(seeded, parts);
  return run_over_parts(std::move(parts), std::move(identity), run, watcher, began,
                        [&seeded](split_pictures all) { return make_gan_learner(std::move(all), seeded); });
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/training/images/line_training.hpp"

#include "models/digest.hpp"
#include "pipelines/tools/training/images/run_over_parts.hpp"

#include <string>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

namespace {

result<split_lines> read_parts(const picture_sources& sources, std::uint64_t seed) {
  CHALK_TRY(auto all, read_line_pictures(sources.files));
  if (sources.validation.empty())
    return split_lines_by_share(std::move(all), sources.validation_share, seed);
  CHALK_TRY(auto validation, read_line_pictures(sources.validation));
  return split_lines{std::move(all), std::move(validation)};
}

std::string digest_of(const split_lines& parts) {
  std::string text;
  for (const auto* part : {&parts.training, &parts.validation})
    for (std::size_t i = 0; i < part->size(); ++i) {
      const auto& image = part->pictures[i];
      text += std::to_string(part->texts[i].size()) + ":" + part->texts[i] + std::to_string(image.width) + ":";
      text.append(image.values.begin(), image.values.end());
      text = models::sha256(text);
    }
  return text;
}

/// What a checkpoint must agree with, beside the run's own settings.
std::vector<std::pair<std::string, std::string>> identity_of(const line_settings& settings,
                                                             const split_lines& parts) {
  std::vector<std::pair<std::string, std::string>> all{{"recipe", "ocr-line"}, {"data", digest_of(parts)}};
  add_hidden_sizes(settings.hidden_sizes, all);
  add_optimiser(settings.optimiser, all);
  add_augmentation(settings.augmentation, all);
  all.emplace_back("precision", settings.mixed ? "bfloat16" : "float32");
  return all;
}

} // namespace

result<run_report> train_lines(const picture_sources& sources, const line_settings& settings, const run_settings& run,
                               const run_watcher& watcher,
                               const std::function<void(std::size_t, std::size_t)>& began) {
  auto seeded = settings;
  seeded.seed = run.seed;
  CHALK_TRY(auto parts, read_parts(sources, seeded.seed));
  auto identity = identity_of(seeded, parts);
  return run_over_parts(std::move(parts), std::move(identity), run, watcher, began,
                        [&seeded](split_lines all) { return make_line_learner(std::move(all), seeded); });
}

} // namespace chalkstream::pipelines::tools

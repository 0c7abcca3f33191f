#include "pipelines/tools/training/images/image_training.hpp"

#include "models/digest.hpp"
#include "pipelines/tools/training/images/picture_files.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

namespace {

using named_values = std::vector<std::pair<std::string, std::string>>;

result<split_pictures> read_parts(const picture_sources& sources, const image_settings& settings) {
  CHALK_TRY(auto all, read_pictures(sources.files, settings.form));
  if (sources.validation.empty())
    return split_by_share(std::move(all), sources.validation_share, settings.seed);
  const auto& learnt = all.pictures.front();
  CHALK_TRY(auto validation,
            read_pictures(sources.validation, {settings.form.height, settings.form.width, learnt.channels}));
  CHALK_CHECK(take_labels(validation, all.labels));
  const auto& judged = validation.pictures.front();
  if (judged.height != learnt.height || judged.width != learnt.width)
    return error{errc::invalid_argument, validation.place(0) + ": is " + std::to_string(judged.height) + " by "
                                             + std::to_string(judged.width) + ", and those to learn from are "
                                             + std::to_string(learnt.height) + " by " + std::to_string(learnt.width)
                                             + ": say by --image-size what all are brought to"};
  return split_pictures{std::move(all), std::move(validation)};
}

std::string digest_of(const split_pictures& parts) {
  std::string text;
  for (const auto* part : {&parts.training, &parts.validation}) {
    for (const auto& label : part->labels)
      text += std::to_string(label.size()) + ":" + label;
    for (std::size_t i = 0; i < part->size(); ++i) {
      const auto& image = part->pictures[i];
      text += std::to_string(part->goals[i]) + ":" + std::to_string(image.height) + ":"
              + std::to_string(image.channels) + ":";
      text.append(image.values.begin(), image.values.end());
      text = models::sha256(text);
    }
  }
  return text;
}

void add_optimiser(const models::training::optimiser_settings& optimiser, named_values& to) {
  const auto add = [&to](const char* name, double value) { to.emplace_back(name, std::to_string(value)); };
  if (const auto* sgd = std::get_if<models::training::sgd_settings>(&optimiser)) {
    to.emplace_back("optimizer", "sgd");
    add("momentum", sgd->momentum);
    add("weight-decay", sgd->weight_decay);
    add("clip", sgd->clip);
  } else {
    const auto& adamw = std::get<models::training::adamw_settings>(optimiser);
    to.emplace_back("optimizer", "adamw");
    add("weight-decay", adamw.weight_decay);
    add("clip", adamw.clip);
  }
}

/// What a checkpoint must agree with, beside the run's own settings.
named_values identity_of(const image_settings& settings, const split_pictures& parts) {
  named_values all{{"recipe", "image-classify"},
                   {"data", digest_of(parts)},
                   {"net", std::string(models::nets::to_string(settings.net))}};
  add_optimiser(settings.optimiser, all);
  const auto& how = settings.augmentation;
  const std::pair<const char*, double> numbers[] = {{"shift", how.shift},
                                                    {"rotate", how.rotation},
                                                    {"zoom", how.zoom},
                                                    {"shear", how.shear},
                                                    {"erase", how.erase},
                                                    {"flip", how.flip},
                                                    {"smoothing", settings.smoothing}};
  for (const auto& [name, value] : numbers)
    all.emplace_back(name, std::to_string(value));
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
  CHALK_TRY(auto parts, read_parts(sources, seeded));
  auto started = run;
  started.started_with = identity_of(seeded, parts);
  const auto training = parts.training.size();
  const auto validation = parts.validation.size();
  CHALK_TRY(const auto what, make_image_learner(std::move(parts), seeded));
  if (began)
    began(training, validation);
  return run_training(*what, started, watcher);
}

} // namespace chalkstream::pipelines::tools

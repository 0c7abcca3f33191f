// train: a model fine-tuned on a person's data, with a bar, and what came of it.
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/signals.hpp"
#include "app/training_view.hpp"

#include <cstdio>
#include <unistd.h>

namespace chalkstream::app {

namespace tools = pipelines::tools;

namespace {

result<tools::training_settings> settings_of(const train_options& options) {
  tools::training_settings settings;
  CHALK_TRY(settings.data.what, tools::recipe_from(options.recipe));
  if (options.scores && settings.data.what != tools::recipe::pair)
    return error{errc::invalid_argument, "--scores is for the recipe pair; regress learns scores of one text"};
  settings.data.scores = options.scores;
  settings.data.columns = {options.text, options.pair, options.label, options.start, options.group};
  settings.files = options.data;
  settings.validation = options.validation;
  settings.validation_share = options.validation_share;

  auto& encoder = settings.encoder;
  encoder.model = options.model;
  encoder.weights =
      options.class_weights == "balanced" ? tools::label_weights::balanced : tools::label_weights::equal;
  encoder.max_tokens = options.max_tokens;
  encoder.optimiser.weight_decay = options.weight_decay;
  encoder.optimiser.clip = options.clip;
  encoder.device = options.device;
  encoder.threads = options.threads;
  const bool gpu = options.device.starts_with("cuda");
  if (options.precision == "bfloat16" && !gpu)
    return error{errc::invalid_argument, "--precision bfloat16 is for GPUs: add --device cuda, or leave it out"};
  encoder.mixed = options.precision == "bfloat16" || (options.precision == "auto" && gpu);

  auto& run = settings.run;
  run.out = options.out;
  run.resume = options.resume;
  run.epochs = options.epochs;
  run.batch = options.batch;
  run.accumulate = options.accumulate;
  run.rate = options.learning_rate;
  run.warmup = options.warmup;
  run.patience = options.patience;
  run.select = options.select;
  run.seed = options.seed;
  run.checkpoint_every = options.checkpoint_every;
  return settings;
}

} // namespace

int train(const train_options& options) {
  stop_signals signals;
  const auto settings = settings_of(options);
  if (!settings)
    return report_failure(settings.error());
  training_view view{terminal::of(STDERR_FILENO), write_to(STDERR_FILENO)};
  tools::run_watcher watcher;
  watcher.moved = [&](const tools::run_position& position) { view.moved(position); };
  watcher.epoch_ended = [&](const tools::epoch_record& record, bool best) { view.epoch_ended(record, best); };
  watcher.resumed = [&](std::size_t step) { view.resumed(step); };
  watcher.over = [&] { return signals.asked(); };
  const auto made = tools::train(*settings, watcher, [&](const tools::training_parts& parts) { view.began(parts); });
  view.clear();
  if (!made)
    return report_failure(made.error());
  std::printf("%s: epoch %zu of %zu, the best by %s: %s\n", options.out.c_str(), made->best.epoch,
              made->history.epochs.size(), made->figure.c_str(), figures_line(made->best).c_str());
  return exit_ok;
}

} // namespace chalkstream::app

// train: a model fine-tuned on a person's data, with a bar, and what came of it.
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"
#include "app/signals.hpp"
#include "app/training_view.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace chalkstream::app {

namespace tools = pipelines::tools;

namespace {

template <class Sizes>
void take_sizes(const writing_options& wanted, Sizes& into) {
  into.width = wanted.width.value_or(into.width);
  into.encoder_layers = wanted.layers.value_or(into.encoder_layers);
  into.decoder_layers = wanted.decoder_layers.value_or(into.decoder_layers);
  into.dropout = wanted.dropout.value_or(into.dropout);
}

/// `device` has what writing and reading models learn alike.
tools::writer_settings writer_of(const train_options& options, const tools::encoder_settings& device) {
  const auto& wanted = options.writing;
  const bool anew = options.model.empty();
  tools::writer_settings made;
  made.model = options.model;
  made.anew = wanted.anew;
  if (wanted.architecture == "lstm")
    made.anew.architecture = tools::new_architecture::lstm;
  take_sizes(wanted, made.anew.transformer);
  take_sizes(wanted, made.anew.lstm);
  made.anew.vocabulary.min_count = options.min_count.value_or(made.anew.vocabulary.min_count);
  made.writes = wanted.task == "summarize" ? tools::written_kind::summary : tools::written_kind::translation;
  const auto* usual = anew ? "none" : "13a";
  made.bleu_words =
      *education::measures::bleu_tokenizer_from(wanted.bleu_tokenizer.empty() ? usual : wanted.bleu_tokenizer);
  made.written_rows = wanted.written_rows;
  made.prefix = wanted.prefix;
  made.smoothing = wanted.smoothing.value_or(anew ? 0.1 : 0);
  made.max_tokens = options.max_tokens;
  made.optimiser = device.optimiser;
  made.device = device.device;
  made.mixed = device.mixed;
  made.threads = device.threads;
  return made;
}

tools::picture_form form_of(const image_options& wanted) {
  tools::picture_form form;
  if (!wanted.size.empty())
    form = {wanted.size.front(), wanted.size.back(), 0};
  form.channels = wanted.channels;
  return form;
}

tools::gan_settings gan_of(const train_options& options, const tools::encoder_settings& device) {
  tools::gan_settings made;
  made.form = form_of(options.images);
  made.augmentation = options.images.augmentation;
  made.latent_size = options.images.latent_size;
  made.hidden_sizes = options.images.hidden_sizes;
  made.variety = options.images.variety;
  made.averaging = options.images.averaging;
  made.changes_real_alone = options.images.augment == "real";
  made.optimiser.weight_decay = options.weight_decay.value_or(0);
  made.optimiser.clip = options.clip.value_or(0);
  made.device = device.device;
  made.mixed = device.mixed;
  made.threads = device.threads;
  return made;
}

tools::line_settings lines_of(const train_options& options, const tools::encoder_settings& device) {
  tools::line_settings made;
  made.augmentation = options.images.augmentation;
  made.hidden_sizes = options.images.hidden_sizes;
  made.optimiser = device.optimiser;
  made.device = device.device;
  made.mixed = device.mixed;
  made.threads = device.threads;
  return made;
}

/// `device` has what all recipes learn alike.
result<tools::image_settings> images_of(const train_options& options, const tools::encoder_settings& device) {
  const auto& wanted = options.images;
  tools::image_settings made;
  CHALK_TRY(made.net, models::nets::net_kind_from(wanted.net));
  made.form = form_of(wanted);
  made.augmentation = wanted.augmentation;
  made.weights = device.weights;
  made.smoothing = options.writing.smoothing.value_or(0);
  made.device = device.device;
  made.mixed = device.mixed;
  made.threads = device.threads;
  const bool dense = made.net == models::nets::net_kind::dense;
  const bool residual = made.net == models::nets::net_kind::residual;
  if (wanted.optimiser == "adamw" || (wanted.optimiser.empty() && dense))
    made.optimiser = device.optimiser;
  else
    made.optimiser = models::training::sgd_settings{
        wanted.momentum, options.weight_decay.value_or(residual ? 5e-4 : 0), options.clip.value_or(0)};
  return made;
}

double usual_image_rate(const tools::image_settings& images) {
  const bool residual = images.net == models::nets::net_kind::residual;
  return residual && std::holds_alternative<models::training::sgd_settings>(images.optimiser) ? 0.1 : 1e-3;
}

result<tools::training_settings> settings_of(const train_options& options) {
  tools::training_settings settings;
  CHALK_TRY(settings.data.what, tools::recipe_from(options.recipe));
  if (options.scores && settings.data.what != tools::recipe::pair)
    return error{errc::invalid_argument, "--scores is for the recipe pair; regress learns scores of one text"};
  settings.data.scores = options.scores;
  if (options.drawn_references > 0 && settings.data.what != tools::recipe::pair)
    return error{errc::invalid_argument, "--draw-references is for the recipe pair"};
  settings.drawn_references = options.drawn_references;
  settings.data.columns = {options.text, options.pair, options.label, options.start, options.group};
  settings.files = options.data;
  settings.validation = options.validation;
  settings.validation_share = options.validation_share;

  const bool sees = settings.data.what == tools::recipe::image_classify;
  const bool draws = settings.data.what == tools::recipe::gan;
  const bool reads = settings.data.what == tools::recipe::ocr_line;
  if (options.ngrams) {
    const auto what = settings.data.what;
    if (what != tools::recipe::classify && what != tools::recipe::regress)
      return error{errc::invalid_argument, "--ngrams is for classify and regress; " + options.recipe
                                               + " needs an encoder to start from: --model"};
    if ((what == tools::recipe::classify) == options.scale.empty())
      return error{errc::invalid_argument,
                   options.scale.empty() ? "--ngrams learns labels that are levels: name them by --scale, lowest "
                                           "first (A1,A2,B1)"
                                         : "--scale is for classify; regress learns the scores as they are"};
    settings.ngrams.emplace();
    settings.ngrams->scale = options.scale;
  } else if (sees || draws || reads) {
    if (!options.model.empty())
      return error{errc::invalid_argument, options.recipe + " begins anew: leave out --model"};
  } else if (options.model.empty() && settings.data.what != tools::recipe::seq2seq) {
    return error{errc::invalid_argument,
                 "name the encoder to start from by --model, or learn a linear model from nothing by --ngrams"};
  } else if (!options.scale.empty()) {
    return error{errc::invalid_argument, "--scale goes with --ngrams"};
  }

  auto& encoder = settings.encoder;
  encoder.model = options.model;
  encoder.weights =
      options.class_weights == "balanced" ? tools::label_weights::balanced : tools::label_weights::equal;
  encoder.max_tokens = options.max_tokens;
  encoder.optimiser.weight_decay = options.weight_decay.value_or(encoder.optimiser.weight_decay);
  encoder.optimiser.clip = options.clip.value_or(encoder.optimiser.clip);
  encoder.device = options.device;
  encoder.threads = options.threads;
  const bool gpu = options.device.starts_with("cuda");
  const bool writes = settings.data.what == tools::recipe::seq2seq;
  encoder.mixed = options.precision == "bfloat16" || (options.precision == "auto" && gpu);

  const bool anew = writes && options.model.empty();
  if (writes)
    settings.writer = writer_of(options, encoder);
  if (sees) {
    CHALK_TRY(settings.images, images_of(options, encoder));
  }
  if (draws)
    settings.gan = gan_of(options, encoder);
  if (reads)
    settings.lines = lines_of(options, encoder);
  if (!sees && !options.images.synthetic.empty())
    return error{errc::invalid_argument, "--synthetic is for image-classify"};
  settings.synthetic = options.images.synthetic;
  settings.targets = options.writing.targets;
  settings.validation_targets = options.writing.validation_targets;
  if (!writes && !settings.targets.empty())
    return error{errc::invalid_argument, "--target-file is for seq2seq"};

  auto& run = settings.run;
  run.out = options.out;
  run.resume = options.resume;
  run.epochs = options.epochs > 0 ? options.epochs : anew ? 20 : draws ? 100 : reads ? 30 : 10;
  const std::size_t usual_rows = draws                                                 ? 64
                                 : !sees                                               ? 32
                                 : settings.images.net == models::nets::net_kind::conv ? 4
                                                                                       : 64;
  run.batch.rows = options.batch > 0 ? options.batch : usual_rows;
  run.batch.tokens = options.batch_tokens > 0 ? options.batch_tokens : writes && options.batch == 0 ? 2048 : 0;
  run.accumulate = options.accumulate;
  run.rate = options.learning_rate > 0 ? options.learning_rate
             : anew                    ? 7e-4
             : sees                    ? usual_image_rate(settings.images)
             : draws                   ? 2e-4
             : reads                   ? 2e-3
                                       : 5e-5;
  run.warmup = options.warmup;
  run.patience = options.patience.value_or(draws ? 0 : 3);
  run.select = options.select;
  run.seed = options.seed;
  run.checkpoint_every = options.checkpoint_every;
  return settings;
}

int train_words(const train_options& options) {
  const auto failed = [](errc code, std::string why) { return report_failure(error{code, std::move(why)}); };
  if (options.data.size() != 1)
    return failed(errc::invalid_argument, "word2vec learns from one file: a text a line, or JSON lines with `text`");
  if (const auto free = tools::check_free(options.out); !free)
    return report_failure(free.error());
  std::ifstream in(options.data.front(), std::ios::binary);
  if (!in)
    return failed(errc::io, options.data.front().string() + ": cannot be read");
  stop_signals signals;
  auto recipe = options.words;
  if (options.epochs > 0)
    recipe.training.epochs = options.epochs;
  recipe.training.min_count = options.min_count.value_or(recipe.training.min_count);
  recipe.training.seed = options.seed;
  recipe.training.threads = std::max<std::size_t>(options.threads, 1);
  double loss = 0;
  const auto made = [&] {
    progress bar{terminal::of(STDERR_FILENO), write_to(STDERR_FILENO)};
    return tools::train_word2vec_model(in, options.out, recipe, [&](const text::word2vec_progress& at) {
      loss = at.loss;
      char title[64];
      std::snprintf(title, sizeof title, "word2vec  loss %.3f  %.0f s left", at.loss, at.seconds_left);
      bar.update(title, std::min(0.99, static_cast<double>(at.words_done) / static_cast<double>(at.words_total)));
      return !signals.asked();
    });
  }();
  if (!made)
    return report_failure(made.error());
  std::printf("%s: %zu words from %llu texts (%llu lines left out), loss %.3f\n", options.out.c_str(), made->words,
              static_cast<unsigned long long>(made->texts), static_cast<unsigned long long>(made->rejected), loss);
  return exit_ok;
}

} // namespace

int train(const train_options& options) {
  if (options.recipe == "word2vec")
    return train_words(options);
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

#include "pipelines/tools/training/training.hpp"

#include "models/digest.hpp"
#include "pipelines/tools/training/drawn_references.hpp"
#include "pipelines/tools/training/images/gan_training.hpp"
#include "pipelines/tools/training/images/image_training.hpp"
#include "pipelines/tools/training/images/line_training.hpp"
#include "pipelines/tools/training/split.hpp"
#include "pipelines/tools/training/summary_training.hpp"

#include <set>

namespace chalkstream::pipelines::tools {

namespace {

result<split_examples> read_parallel_parts(const training_settings& settings) {
  if (settings.files.size() != 1 || settings.validation.size() != 1 || settings.validation_targets.empty())
    return error{errc::invalid_argument,
                 "plain texts and their targets are one file each, and so is what to validate with: --data, "
                 "--target-file, --validation and --validation-target"};
  CHALK_TRY(auto training, read_parallel(settings.files.front(), settings.targets));
  CHALK_TRY(auto validation, read_parallel(settings.validation.front(), settings.validation_targets));
  return split_examples{std::move(training), std::move(validation)};
}

result<split_examples> read_parts(const training_settings& settings) {
  if (!settings.targets.empty())
    return read_parallel_parts(settings);
  CHALK_TRY(auto all, read_examples(settings.files, settings.data));
  if (!settings.validation.empty()) {
    CHALK_TRY(auto validation, read_examples(settings.validation, settings.data));
    if (validation.traits != all.traits)
      return error{errc::corrupt, validation.files.front() + ": has other scores than " + all.files.front()};
    return split_examples{std::move(all), std::move(validation)};
  }
  if (settings.data.columns.group.empty())
    return error{errc::invalid_argument,
                 "nothing says what to validate with: name by --group the column of what belongs together (the "
                 "question, the prompt, the writer), so that whole groups are set aside, or a file by --validation"};
  return split_by_group(std::move(all), settings.validation_share, settings.run.seed);
}

/// One digest over every row of both parts.
std::string digest_of(const split_examples& parts) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text.append(std::to_string(part.size())).append(":").append(part);
  };
  for (const auto* part : {&parts.training, &parts.validation}) {
    add(std::to_string(part->examples.size()));
    for (const auto& example : part->examples) {
      add(example.text);
      add(example.pair.value_or(""));
      add(example.label);
      for (const auto score : example.scores)
        add(std::to_string(score));
      for (const auto& answer : example.answers)
        add(answer);
      add(std::to_string(example.answer_start));
      if (!example.target.empty())
        add(example.target);
    }
    text = models::sha256(text);
  }
  return text;
}

std::size_t groups_of(const example_set& set) {
  std::set<std::string_view> groups;
  for (const auto& example : set.examples)
    if (!example.group.empty())
      groups.insert(example.group);
  return groups.size();
}

using named_values = std::vector<std::pair<std::string, std::string>>;

void add_optimiser(const models::training::adamw_settings& optimiser, named_values& to) {
  to.emplace_back("weight-decay", std::to_string(optimiser.weight_decay));
  to.emplace_back("clip", std::to_string(optimiser.clip));
}

void add_sizes(std::initializer_list<std::pair<const char*, std::size_t>> sizes, named_values& to) {
  for (const auto& [name, size] : sizes)
    to.emplace_back(name, std::to_string(size));
}

void add_writer(const writer_settings& writer, named_values& to) {
  to.emplace_back("max-tokens", std::to_string(writer.max_tokens));
  add_optimiser(writer.optimiser, to);
  to.emplace_back("precision", writer.mixed ? "bfloat16" : "float32");
  to.emplace_back("prefix", writer.prefix);
  to.emplace_back("smoothing", std::to_string(writer.smoothing));
  to.emplace_back("written-rows", std::to_string(writer.written_rows));
  to.emplace_back("bleu-tokenizer", std::string{education::measures::to_string(writer.bleu_words)});
  if (!writer.model.empty())
    return;
  if (writer.anew.architecture == new_architecture::lstm) {
    const auto& sizes = writer.anew.lstm;
    to.emplace_back("architecture", "lstm");
    add_sizes({{"width", sizes.width}, {"layers", sizes.encoder_layers}, {"decoder-layers", sizes.decoder_layers}},
              to);
    to.emplace_back("dropout", std::to_string(sizes.dropout));
  } else {
    const auto& sizes = writer.anew.transformer;
    add_sizes({{"width", sizes.width},
               {"heads", sizes.heads},
               {"inner", sizes.inner},
               {"layers", sizes.encoder_layers},
               {"decoder-layers", sizes.decoder_layers}},
              to);
    to.emplace_back("dropout", std::to_string(sizes.dropout));
  }
  add_sizes({{"min-count", writer.anew.vocabulary.min_count}, {"vocabulary", writer.anew.vocabulary.most_words}}, to);
}

/// What a checkpoint must agree with, beside the run's own settings.
named_values identity_of(const training_settings& settings, const split_examples& parts) {
  named_values all{{"recipe", std::string{to_string(settings.data.what)}}, {"data", digest_of(parts)}};
  if (settings.ngrams || settings.data.learns() == learnt::summary) {
    all.emplace_back("seed", std::to_string(settings.run.seed));
  } else if (settings.data.learns() == learnt::text) {
    add_writer(settings.writer, all);
  } else {
    const auto& encoder = settings.encoder;
    all.emplace_back("max-tokens", std::to_string(encoder.max_tokens));
    add_optimiser(encoder.optimiser, all);
    all.emplace_back("class-weights", encoder.weights == label_weights::balanced ? "balanced" : "equal");
    all.emplace_back("precision", encoder.mixed ? "bfloat16" : "float32");
  }
  return all;
}

encoder_settings encoder_of(const training_settings& settings) {
  auto encoder = settings.encoder;
  encoder.learns = settings.data.learns();
  encoder.seed = settings.run.seed;
  return encoder;
}

/// Recipes that learn something else make their own learner here.
result<std::unique_ptr<learner>> make_learner(const training_settings& settings, const split_examples& parts) {
  if (settings.data.learns() == learnt::text) {
    auto writer = settings.writer;
    writer.seed = settings.run.seed;
    return make_writing_learner(parts, writer);
  }
  return make_encoder_learner(parts, encoder_of(settings));
}

} // namespace

result<run_report> train(const training_settings& settings, const run_watcher& watcher,
                         const std::function<void(const training_parts&)>& began) {
  const picture_sources pictures{settings.files, settings.validation, settings.validation_share, settings.synthetic};
  const auto begin_pictures = [&](std::size_t training, std::size_t validation) {
    if (began)
      began({training, validation, 0, 0});
  };
  if (settings.data.what == recipe::image_classify)
    return train_images(pictures, settings.images, settings.run, watcher, begin_pictures);
  if (settings.data.what == recipe::gan)
    return train_gan(pictures, settings.gan, settings.run, watcher, begin_pictures);
  if (settings.data.what == recipe::ocr_line)
    return train_lines(pictures, settings.lines, settings.run, watcher, begin_pictures);
  CHALK_TRY(auto parts, read_parts(settings));
  CHALK_CHECK(check_apart(parts));
  if (settings.drawn_references > 0) {
    CHALK_TRY(parts.training, draw_references(parts.training, settings.drawn_references, settings.run.seed));
  }
  auto run = settings.run;
  run.started_with = identity_of(settings, parts);
  const auto begin = [&] {
    if (began)
      began({parts.training.examples.size(), parts.validation.examples.size(), groups_of(parts.training),
             groups_of(parts.validation)});
  };
  if (settings.ngrams) {
    begin();
    return train_ngrams(parts, *settings.ngrams, run, watcher);
  }
  if (settings.data.what == recipe::summarize) {
    begin();
    return train_summary_head(parts, encoder_of(settings), run, watcher);
  }
  CHALK_TRY(const auto what, make_learner(settings, parts));
  begin();
  return run_training(*what, run, watcher);
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/training/training.hpp"

#include "models/digest.hpp"
#include "pipelines/tools/training/split.hpp"
#include "pipelines/tools/training/summary_training.hpp"

#include <set>

namespace chalkstream::pipelines::tools {

namespace {

result<split_examples> read_parts(const training_settings& settings) {
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

/// What a checkpoint must agree with, beside the run's own settings.
std::vector<std::pair<std::string, std::string>> identity_of(const training_settings& settings,
                                                             const split_examples& parts) {
  std::pair<std::string, std::string> recipe{"recipe", std::string{to_string(settings.data.what)}};
  std::pair<std::string, std::string> data{"data", digest_of(parts)};
  if (settings.ngrams || settings.data.learns() == learnt::summary)
    return {recipe, data, {"seed", std::to_string(settings.run.seed)}};
  const auto& encoder = settings.encoder;
  return {recipe,
          data,
          {"max-tokens", std::to_string(encoder.max_tokens)},
          {"weight-decay", std::to_string(encoder.optimiser.weight_decay)},
          {"clip", std::to_string(encoder.optimiser.clip)},
          {"class-weights", encoder.weights == label_weights::balanced ? "balanced" : "equal"},
          {"precision", encoder.mixed ? "bfloat16" : "float32"}};
}

} // namespace

result<run_report> train(const training_settings& settings, const run_watcher& watcher,
                         const std::function<void(const training_parts&)>& began) {
  CHALK_TRY(const auto parts, read_parts(settings));
  CHALK_CHECK(check_apart(parts));
  auto encoder = settings.encoder;
  encoder.learns = settings.data.learns();
  encoder.seed = settings.run.seed;
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
    return train_summary_head(parts, encoder, run, watcher);
  }
  // Recipes that learn something else make their own learner here.
  CHALK_TRY(const auto what, make_encoder_learner(parts, encoder));
  begin();
  return run_training(*what, run, watcher);
}

} // namespace chalkstream::pipelines::tools

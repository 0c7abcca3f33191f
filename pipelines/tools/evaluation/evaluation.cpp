#include "pipelines/tools/evaluation/evaluation.hpp"

#include "pipelines/tools/evaluation/joined_rows.hpp"

#include <array>
#include <fstream>
#include <set>

namespace chalkstream::pipelines::tools {

namespace measures = education::measures;

namespace {

constexpr std::array<std::string_view, 5> names = {"classify", "regress", "span", "summary", "translation"};

result<void> classify(joined_rows& rows, evaluation& into) {
  CHALK_TRY(auto labelled,
            measures::number_labels(rows.predicted_labels, rows.reference_labels, into.settings.scale));
  labelled.confidence = std::move(rows.confidence);
  const measures::label_measures set{std::move(labelled), into.settings.bins};
  into.figures = measures::measure(set, rows.groups, into.settings.bootstrap);
  into.labels = set.labels();
  into.matrix = set.matrix();
  into.reliability = set.reliability();
  return {};
}

std::unique_ptr<measures::row_measures> text_set(const measures::text_rows& rows,
                                                 const evaluation_settings& settings) {
  switch (settings.task) {
  case evaluated_task::span:
    return measures::answer_measures(rows);
  case evaluated_task::summary:
    return measures::summary_measures(rows, settings.rouge);
  default:
    return measures::translation_measures(rows, settings.tokenizer);
  }
}

} // namespace

std::optional<evaluated_task> evaluated_task_from(std::string_view name) {
  for (std::size_t t = 0; t < names.size(); ++t)
    if (names[t] == name)
      return static_cast<evaluated_task>(t);
  return std::nullopt;
}

std::string_view to_string(evaluated_task task) {
  return names[static_cast<std::size_t>(task)];
}

result<evaluation> evaluate(const evaluation_settings& settings) {
  std::ifstream predictions{settings.predictions, std::ios::binary};
  if (!predictions)
    return {errc::not_found, settings.predictions.string() + " cannot be opened"};
  std::ifstream references{settings.references, std::ios::binary};
  if (!references)
    return {errc::not_found, settings.references.string() + " cannot be opened"};
  CHALK_TRY(auto rows,
            read_joined({predictions, settings.predictions.string()}, {references, settings.references.string()},
                        {settings.task, settings.group, settings.scale}));

  if (const std::set<std::string_view> groups(rows.groups.begin(), rows.groups.end()); groups.size() > most_groups)
    return {errc::invalid_argument, "`" + settings.group + "` has " + std::to_string(groups.size())
                                        + " different values; more than " + std::to_string(most_groups)
                                        + " are no subgroups"};

  evaluation made;
  made.settings = settings;
  if (settings.task == evaluated_task::classify) {
    CHALK_CHECK(classify(rows, made));
  } else if (settings.task == evaluated_task::regress) {
    const measures::score_measures set{std::move(rows.scores)};
    made.figures = measures::measure(set, rows.groups, settings.bootstrap);
    made.scores = set.scores();
  } else {
    made.figures = measures::measure(*text_set(rows.texts, settings), rows.groups, settings.bootstrap);
  }
  return made;
}

} // namespace chalkstream::pipelines::tools

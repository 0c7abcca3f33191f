#include "pipelines/tools/evaluation/joined_rows.hpp"

#include "pipelines/tools/evaluation/mistakes.hpp"

#include <algorithm>
#include <istream>
#include <unordered_map>

namespace chalkstream::pipelines::tools {

namespace {

struct placed_line {
  std::size_t line = 0;
  value_line value;
};

struct side_lines {
  std::vector<placed_line> lines;
  std::unordered_map<std::string, std::size_t> places; // of an id in `lines`
};

side_lines read_side(named_input& from, line_side side, const join_settings& settings, mistakes& wrong) {
  side_lines all;
  std::string line;
  for (std::size_t number = 1; std::getline(from.in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    auto parsed = parse_value_line(line, settings.task, side, settings.group);
    if (!parsed) {
      wrong.add(from.name, number, parsed.error().message);
      continue;
    }
    const auto [at, fresh] = all.places.try_emplace(parsed->id, all.lines.size());
    if (fresh)
      all.lines.push_back({number, std::move(*parsed)});
    else
      wrong.add(from.name, number, "the id of line " + std::to_string(all.lines[at->second].line) + " again");
  }
  return all;
}

/// Moves lines into columns; one after the other, in the order of the rows.
class row_builder {
public:
  row_builder(const named_input& predictions, const named_input& references, const join_settings& settings,
              mistakes& wrong)
      : predictions_(predictions.name), references_(references.name), settings_(settings), wrong_(wrong) {}

  void add(placed_line&& predicted, placed_line&& reference) {
    add_group(predicted.value, reference);
    switch (settings_.task) {
    case evaluated_task::classify:
      add_labels(predicted, reference);
      break;
    case evaluated_task::regress:
      add_scores(predicted, reference);
      break;
    default:
      rows_.texts.predicted.push_back(std::move(predicted.value.texts.front()));
      rows_.texts.references.push_back(std::move(reference.value.texts));
    }
    ++rows_.count;
  }

  joined_rows take() && { return std::move(rows_); }

private:
  void add_group(value_line& predicted, placed_line& reference) {
    if (settings_.group.empty())
      return;
    auto& group = reference.value.group ? reference.value.group : predicted.group;
    if (group)
      rows_.groups.push_back(std::move(*group));
    else
      wrong_.add(references_, reference.line, "`" + settings_.group + "` is missing, here and in the prediction");
  }

  void add_labels(placed_line& predicted, placed_line& reference) {
    const auto confidence = predicted.value.confidence;
    if (rows_.count == 0)
      with_confidence_ = confidence.has_value();
    if (confidence.has_value() != with_confidence_)
      wrong_.add(predictions_, predicted.line,
                 with_confidence_ ? "no `confidence`, which other lines have"
                                  : "a `confidence`, which other lines lack");
    if (confidence)
      rows_.confidence.push_back(*confidence);
    check_scale(predictions_, predicted);
    check_scale(references_, reference);
    rows_.predicted_labels.push_back(std::move(predicted.value.label));
    rows_.reference_labels.push_back(std::move(reference.value.label));
  }

  void check_scale(const std::string& file, const placed_line& of) {
    const auto& scale = settings_.scale;
    if (!scale.empty() && std::find(scale.begin(), scale.end(), of.value.label) == scale.end())
      wrong_.add(file, of.line, "`label` is not on the scale");
  }

  void add_scores(const placed_line& predicted, const placed_line& reference) {
    auto& traits = rows_.scores.traits;
    if (rows_.count == 0)
      for (const auto& [name, score] : reference.value.scores)
        traits.push_back({name, {}, {}});
    if (has_traits(predictions_, predicted) && has_traits(references_, reference))
      for (std::size_t t = 0; t < traits.size(); ++t) {
        traits[t].predicted.push_back(predicted.value.scores[t].second);
        traits[t].reference.push_back(reference.value.scores[t].second);
      }
  }

  bool has_traits(const std::string& file, const placed_line& of) {
    const auto& traits = rows_.scores.traits;
    const auto& scores = of.value.scores;
    const auto same = [](const auto& trait, const auto& score) { return trait.name == score.first; };
    if (std::equal(traits.begin(), traits.end(), scores.begin(), scores.end(), same))
      return true;
    wrong_.add(file, of.line, "not the traits of the first reference");
    return false;
  }

  const std::string& predictions_;
  const std::string& references_;
  const join_settings& settings_;
  mistakes& wrong_;
  joined_rows rows_;
  bool with_confidence_ = false;
};

} // namespace

result<joined_rows> read_joined(named_input predictions, named_input references, const join_settings& settings) {
  mistakes wrong;
  auto predicted = read_side(predictions, line_side::prediction, settings, wrong);
  auto referenced = read_side(references, line_side::reference, settings, wrong);
  if (predictions.in.bad() || references.in.bad())
    return {errc::io, "the predictions or references cannot be read"};
  // A malformed line would only show again as a missing id.
  if (!wrong.none())
    return wrong.as_error();

  for (const auto& line : predicted.lines)
    if (!referenced.places.contains(line.value.id))
      wrong.add(predictions.name, line.line, "no reference has this id");
  row_builder rows{predictions, references, settings, wrong};
  for (auto& line : referenced.lines)
    if (const auto found = predicted.places.find(line.value.id); found == predicted.places.end())
      wrong.add(references.name, line.line, "no prediction has this id");
    else
      rows.add(std::move(predicted.lines[found->second]), std::move(line));
  if (!wrong.none())
    return wrong.as_error();
  auto joined = std::move(rows).take();
  if (joined.count == 0)
    return {errc::corrupt, predictions.name + " and " + references.name + " have no lines"};
  return joined;
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/evaluation/value_lines.hpp"

#include "pipelines/tools/json_fields.hpp"

#include <algorithm>
#include <cmath>
#include <simdjson.h>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;

error wrong(std::string message) {
  return {errc::corrupt, std::move(message)};
}

std::optional<std::vector<double>> numbers(const std::optional<dom::element>& value) {
  dom::array array;
  if (!value || value->get_array().get(array) != simdjson::SUCCESS)
    return std::nullopt;
  std::vector<double> all;
  for (const auto entry : array)
    if (double number = 0; entry.get_double().get(number) == simdjson::SUCCESS)
      all.push_back(number);
    else
      return std::nullopt;
  return all;
}

result<void> read_confidence(const dom::object& line, value_line& into) {
  if (const auto stated = field(line, "confidence")) {
    double confidence = 0;
    if (stated->get_double().get(confidence) != simdjson::SUCCESS || confidence < 0 || confidence > 1)
      return wrong("`confidence` must be a number from 0 to 1");
    into.confidence = confidence;
  } else if (const auto logits = numbers(field(line, "logits")); logits && logits->size() > 1) {
    const auto largest = *std::max_element(logits->begin(), logits->end());
    double sum = 0;
    for (const auto logit : *logits)
      sum += std::exp(logit - largest);
    into.confidence = 1 / sum;
  }
  return {};
}

result<void> read_label(const dom::object& line, line_side side, value_line& into) {
  const auto label = field(line, "label");
  auto text = label ? scalar(*label) : std::nullopt;
  if (!text)
    return wrong("`label` must be a string, a number or a boolean");
  into.label = std::move(*text);
  return side == line_side::prediction ? read_confidence(line, into) : result<void>{};
}

result<void> read_scores(const dom::object& line, value_line& into) {
  auto score = field(line, "score");
  if (const auto logits = numbers(field(line, "logits")); !score && logits && logits->size() == 1) {
    into.scores.emplace_back("", logits->front());
    return {};
  }
  double number = 0;
  if (score && score->get_double().get(number) == simdjson::SUCCESS) {
    into.scores.emplace_back("", number);
    return {};
  }
  dom::object traits;
  if (!score || score->get_object().get(traits) != simdjson::SUCCESS || traits.size() == 0)
    return wrong("`score` must be a number, or an object with a number for each trait");
  for (const auto& trait : traits) {
    if (trait.value.get_double().get(number) != simdjson::SUCCESS)
      return wrong("every trait of `score` must be a number");
    into.scores.emplace_back(trait.key, number);
  }
  std::sort(into.scores.begin(), into.scores.end());
  const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(into.scores.begin(), into.scores.end(), same_name) != into.scores.end())
    return wrong("`score` has a trait twice");
  return {};
}

result<void> read_texts(const dom::object& line, const char* one, const char* several, line_side side,
                        value_line& into) {
  const auto list = side == line_side::reference ? field(line, several) : std::nullopt;
  std::string_view text;
  if (!list) {
    const auto single = field(line, one);
    if (!single || single->get_string().get(text) != simdjson::SUCCESS)
      return wrong(std::string{"`"} + one + "` must be a string");
    into.texts.emplace_back(text);
    return {};
  }
  dom::array entries;
  if (list->get_array().get(entries) != simdjson::SUCCESS)
    return wrong(std::string{"`"} + several + "` must be an array of strings");
  for (const auto entry : entries) {
    if (entry.get_string().get(text) != simdjson::SUCCESS)
      return wrong(std::string{"`"} + several + "` must be an array of strings");
    into.texts.emplace_back(text);
  }
  return {};
}

result<void> read_value(const dom::object& line, evaluated_task task, line_side side, value_line& into) {
  switch (task) {
  case evaluated_task::classify:
    return read_label(line, side, into);
  case evaluated_task::regress:
    return read_scores(line, into);
  case evaluated_task::span:
    return read_texts(line, "answer", "answers", side, into);
  default:
    CHALK_CHECK(read_texts(line, "text", "references", side, into));
    if (into.texts.empty())
      return wrong("`references` is empty");
    return {};
  }
}

} // namespace

result<value_line> parse_value_line(std::string_view line, evaluated_task task, line_side side,
                                    std::string_view group_key) {
  thread_local dom::parser parser;
  dom::object object;
  if (const auto failed = parser.parse(line.data(), line.size()).get_object().get(object))
    return wrong(std::string{"not a JSON object: "} + simdjson::error_message(failed));
  value_line parsed;
  const auto id = field(object, "id");
  if (!id || id->is_object() || id->is_array())
    return wrong("`id` must be a string or a number");
  parsed.id = simdjson::minify(*id);
  if (!group_key.empty())
    if (const auto group = field(object, group_key)) {
      parsed.group = scalar(*group);
      if (!parsed.group)
        return wrong("`" + std::string{group_key} + "` must be a string, a number or a boolean to be a subgroup");
    }
  CHALK_CHECK(read_value(object, task, side, parsed));
  return parsed;
}

} // namespace chalkstream::pipelines::tools

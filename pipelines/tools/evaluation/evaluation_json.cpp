#include "pipelines/tools/evaluation/evaluation_json.hpp"

#include "education/json_writer.hpp"

#include <cmath>

namespace chalkstream::pipelines::tools {

namespace measures = education::measures;

namespace {

using education::json_writer;

json_writer& count(json_writer& json, std::size_t n) {
  return json.number(static_cast<std::uint64_t>(n));
}

void write_figures(json_writer& json, const measures::group_figures& of) {
  count(json.key("rows"), of.rows);
  json.key("figures").begin_object();
  for (const auto& figure : of.figures) {
    json.key(figure.name).begin_object().key("value").number(figure.value);
    if (!std::isnan(figure.range.low))
      json.key("low").number(figure.range.low).key("high").number(figure.range.high);
    json.end_object();
  }
  json.end_object();
}

void write_settings(json_writer& json, const evaluation_settings& settings) {
  json.key("settings").begin_object();
  if (!settings.group.empty())
    json.key("group").string(settings.group);
  if (settings.task == evaluated_task::classify) {
    count(json.key("bins"), settings.bins);
  } else if (settings.task == evaluated_task::summary) {
    json.key("stem").boolean(settings.rouge.stem);
    json.key("any_script").boolean(settings.rouge.words == measures::words_of::any_script);
  } else if (settings.task == evaluated_task::translation) {
    json.key("tokenizer").string(measures::to_string(settings.tokenizer));
  }
  json.end_object();
  if (settings.bootstrap.resamples == 0)
    return;
  count(json.key("bootstrap").begin_object().key("resamples"), settings.bootstrap.resamples);
  json.key("seed").number(settings.bootstrap.seed).key("level").number(settings.bootstrap.level).end_object();
}

void write_classes(json_writer& json, const evaluation& made) {
  const auto& matrix = *made.matrix;
  json.key("classes").begin_array();
  for (std::size_t c = 0; c < matrix.classes(); ++c) {
    json.begin_object().key("label").string(made.labels[c]);
    json.key("precision").number(matrix.precision(c)).key("recall").number(matrix.recall(c));
    count(json.key("f1").number(matrix.f1(c)).key("support"), matrix.referenced(c)).end_object();
  }
  json.end_array().key("confusion").begin_object().key("labels").begin_array();
  for (const auto& label : made.labels)
    json.string(label);
  json.end_array().key("counts").begin_array();
  for (std::size_t r = 0; r < matrix.classes(); ++r) {
    json.begin_array();
    for (std::size_t p = 0; p < matrix.classes(); ++p)
      count(json, matrix.count(r, p));
    json.end_array();
  }
  json.end_array().end_object();
}

void write_reliability(json_writer& json, const std::vector<measures::reliability_bin>& bins) {
  json.key("reliability").begin_array();
  for (const auto& bin : bins) {
    json.begin_object().key("low").number(bin.low).key("high").number(bin.high);
    count(json.key("count"), bin.count);
    json.key("confidence").number(bin.confidence).key("accuracy").number(bin.accuracy).end_object();
  }
  json.end_array();
}

} // namespace

std::string to_json(const evaluation& made) {
  std::string out;
  json_writer json{out};
  json.begin_object().key("task").string(to_string(made.settings.task));
  json.key("predictions").string(made.settings.predictions.filename().string());
  json.key("references").string(made.settings.references.filename().string());
  write_settings(json, made.settings);
  write_figures(json, made.figures.all);
  if (!made.figures.groups.empty()) {
    json.key("groups").begin_array();
    for (const auto& group : made.figures.groups) {
      json.begin_object().key("group").string(group.group);
      write_figures(json, group);
      json.end_object();
    }
    json.end_array();
  }
  if (made.matrix)
    write_classes(json, made);
  if (!made.reliability.empty())
    write_reliability(json, made.reliability);
  json.end_object();
  return out;
}

} // namespace chalkstream::pipelines::tools

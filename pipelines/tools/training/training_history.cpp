#include "pipelines/tools/training/training_history.hpp"

#include "education/json_writer.hpp"
#include "pipelines/tools/json_fields.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <simdjson.h>

namespace chalkstream::pipelines::tools {

namespace {

namespace dom = simdjson::dom;
using education::json_writer;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr int format = 1;

std::string shortest(double value) {
  if (!std::isfinite(value))
    return {};
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

void write_epoch(json_writer& json, const epoch_record& epoch) {
  json.begin_object();
  json.key("epoch").number(std::uint64_t{epoch.epoch}).key("step").number(std::uint64_t{epoch.step});
  json.key("training_loss").number(epoch.training_loss);
  json.key("validation_loss").number(epoch.validation.loss);
  json.key("figures").begin_object();
  for (const auto& [name, value] : epoch.validation.values)
    json.key(name).number(value);
  json.end_object().end_object();
}

double number_in(const dom::object& from, std::string_view name) {
  const auto found = field(from, name);
  double number = nothing;
  if (found && found->get_double().get(number) != simdjson::SUCCESS)
    return nothing;
  return number;
}

std::optional<std::size_t> count_in(const dom::object& from, std::string_view name) {
  std::uint64_t count = 0;
  if (from[name].get_uint64().get(count) != simdjson::SUCCESS)
    return std::nullopt;
  return static_cast<std::size_t>(count);
}

std::optional<epoch_record> read_epoch(const dom::element& from) {
  dom::object members, figures;
  if (from.get_object().get(members) != simdjson::SUCCESS)
    return std::nullopt;
  const auto epoch = count_in(members, "epoch");
  const auto step = count_in(members, "step");
  if (!epoch || !step || members["figures"].get_object().get(figures) != simdjson::SUCCESS)
    return std::nullopt;
  epoch_record made{*epoch, *step, number_in(members, "training_loss"), {number_in(members, "validation_loss"), {}}};
  for (const auto& figure : figures)
    made.validation.values.emplace_back(figure.key, number_in(figures, figure.key));
  return made;
}

} // namespace

bool smaller_is_better(std::string_view figure) {
  for (const std::string_view name : {"loss", "rmse", "mae", "mcrmse", "ece", "cer"})
    if (figure == name || (figure.starts_with(name) && figure[name.size()] == ':'))
      return true;
  return false;
}

double value_of(const validation_figures& figures, std::string_view name) {
  if (name == "loss")
    return figures.loss;
  for (const auto& [known, value] : figures.values)
    if (known == name)
      return value;
  return nothing;
}

const epoch_record* training_history::best(std::string_view figure) const {
  const double sign = smaller_is_better(figure) ? -1 : 1;
  const epoch_record* found = nullptr;
  for (const auto& epoch : epochs) {
    const auto value = value_of(epoch.validation, figure);
    // The first epoch counts even if the rows do not define its figure.
    if (found == nullptr || sign * value > sign * value_of(found->validation, figure)
        || (std::isnan(value_of(found->validation, figure)) && !std::isnan(value)))
      found = &epoch;
  }
  return found;
}

std::string to_json(const training_history& history) {
  std::string text;
  json_writer json{text};
  json.begin_object().key("format").number(std::uint64_t{format}).key("finished").boolean(history.finished);
  json.key("started_with").begin_object();
  for (const auto& [name, value] : history.started_with)
    json.key(name).string(value);
  json.end_object().key("epochs").begin_array();
  for (const auto& epoch : history.epochs)
    write_epoch(json, epoch);
  json.end_array().end_object();
  return text;
}

result<training_history> history_from_json(std::string_view text) {
  const error wrong{errc::corrupt, "not the history of a training run"};
  dom::parser parser;
  dom::object root, started;
  dom::array epochs;
  bool finished = false;
  if (parser.parse(text.data(), text.size()).get_object().get(root) != simdjson::SUCCESS
      || count_in(root, "format") != std::size_t{format}
      || root["finished"].get_bool().get(finished) != simdjson::SUCCESS
      || root["started_with"].get_object().get(started) != simdjson::SUCCESS
      || root["epochs"].get_array().get(epochs) != simdjson::SUCCESS)
    return wrong;
  training_history made;
  made.finished = finished;
  for (const auto& member : started)
    made.started_with.emplace_back(member.key, scalar(member.value).value_or(""));
  for (const auto entry : epochs) {
    auto epoch = read_epoch(entry);
    if (!epoch)
      return wrong;
    made.epochs.push_back(std::move(*epoch));
  }
  return made;
}

std::string curve_table(const training_history& history) {
  std::string text = "epoch,step,training_loss,validation_loss";
  if (!history.epochs.empty())
    for (const auto& figure : history.epochs.front().validation.values)
      text += "," + figure.first;
  text += "\n";
  for (const auto& epoch : history.epochs) {
    text += std::to_string(epoch.epoch) + "," + std::to_string(epoch.step) + "," + shortest(epoch.training_loss) + ","
            + shortest(epoch.validation.loss);
    for (const auto& figure : epoch.validation.values)
      text += "," + shortest(figure.second);
    text += "\n";
  }
  return text;
}

std::string loss_table(const training_history& history) {
  std::string text = "step,loss\n";
  for (std::size_t i = 0; i < history.losses.size(); ++i)
    text += std::to_string(i + 1) + "," + shortest(history.losses[i]) + "\n";
  return text;
}

} // namespace chalkstream::pipelines::tools

#include "app/training_view.hpp"

#include "app/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace chalkstream::app {

namespace tools = pipelines::tools;

namespace {

constexpr std::string_view clear_line = "\r\033[K";
constexpr std::size_t widest_rest = 22; // "  1 h 20 m left"

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return std::isfinite(value) ? text : "-";
}

std::string rows(std::size_t count, std::size_t groups) {
  return format_count(count) + " rows" + (groups > 0 ? " of " + format_count(groups) + " groups" : "");
}

} // namespace

std::string figures_line(const tools::epoch_record& record) {
  auto text =
      "loss " + short_number(record.training_loss) + ", validation loss " + short_number(record.validation.loss);
  for (const auto& [name, value] : record.validation.values)
    text += ", " + name + " " + short_number(value);
  return text;
}

training_view::training_view(terminal where, text_output out, const clock& time)
    : where_(where), out_(std::move(out)), time_(time), started_(time.now()) {}

void training_view::began(const tools::training_parts& parts) {
  line("learning from " + rows(parts.training, parts.training_groups) + ", validating with "
       + rows(parts.validation, parts.validation_groups));
  started_ = time_.now();
}

void training_view::resumed(std::size_t step) {
  line("going on behind step " + format_count(step));
}

void training_view::moved(const tools::run_position& position) {
  epochs_ = position.epochs;
  if (!where_.interactive)
    return;
  if (!first_step_)
    first_step_ = position.step - 1;
  const auto name = "epoch " + std::to_string(position.epoch) + "/" + std::to_string(position.epochs)
                    + (position.validated < 0 ? "  loss " + short_number(position.loss) : "  validating");
  const auto steps = static_cast<double>(position.steps);
  const auto fraction = position.validated < 0 ? static_cast<double>(position.step) / steps : position.validated;
  const auto taken = static_cast<double>(position.step - std::min(position.step, *first_step_));
  const auto spent = std::chrono::duration<double>(time_.now() - started_).count();
  const auto left = taken > 0 ? spent / taken * (steps - static_cast<double>(position.step)) : 0;
  auto bar = progress_bar(name, fraction, where_.width - std::min(where_.width, widest_rest));
  if (left >= 1)
    bar += "  " + format_seconds(std::round(left)) + " left";
  bar = bar.substr(0, where_.width - std::min<std::size_t>(where_.width, 1));
  if (bar == shown_)
    return;
  out_(std::string{clear_line} + bar);
  shown_ = std::move(bar);
}

void training_view::epoch_ended(const tools::epoch_record& record, bool best) {
  line("epoch " + std::to_string(record.epoch) + "/" + std::to_string(epochs_) + ": " + figures_line(record)
       + (best ? " (the best so far)" : ""));
}

void training_view::clear() {
  if (!shown_.empty())
    out_(clear_line);
  shown_.clear();
}

void training_view::line(const std::string& text) {
  clear();
  out_(text + "\n");
}

} // namespace chalkstream::app

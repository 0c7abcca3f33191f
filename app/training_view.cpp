#include "app/training_view.hpp"

#include "app/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace chalkstream::app {

namespace tools = pipelines::tools;

namespace {

constexpr std::string_view clear_line = "\r\033[K";
constexpr std::size_t widest_rest = 22; // "  1,234 m 56 s left"
constexpr std::chrono::seconds between_lines{60};

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return std::isfinite(value) ? text : "-";
}

std::string time_text(double seconds) {
  return seconds < 59.5 ? std::to_string(std::lround(seconds)) + " s" : format_seconds(std::round(seconds));
}

std::string rows(std::size_t count, std::size_t groups) {
  return format_count(count) + " rows" + (groups > 0 ? " of " + format_count(groups) + " groups" : "");
}

} // namespace

std::string figures_line(const tools::epoch_record& record) {
  std::vector<std::pair<std::string, double>> figures;
  if (std::isfinite(record.training_loss)) // a learner without steps has none
    figures = {{"loss", record.training_loss}, {"validation loss", record.validation.loss}};
  figures.insert(figures.end(), record.validation.values.begin(), record.validation.values.end());
  std::string text;
  for (const auto& [name, value] : figures)
    text += (text.empty() ? "" : ", ") + name + " " + short_number(value);
  return text;
}

training_view::training_view(terminal where, text_output out, const clock& time)
    : where_(where), out_(std::move(out)), time_(time), started_(time.now()), last_line_(started_) {}

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
  if (!first_step_)
    first_step_ = position.step - 1;
  const auto now = time_.now();
  if (!where_.interactive && now - last_line_ < between_lines)
    return;
  const bool validating = position.validated >= 0;
  const auto name = "epoch " + std::to_string(position.epoch) + "/" + std::to_string(position.epochs)
                    + (validating ? "  validating" : "  loss " + short_number(position.loss));
  const auto steps = static_cast<double>(position.steps);
  const auto step = static_cast<double>(position.step);
  const auto taken = step - static_cast<double>(*first_step_);
  const auto left = taken > 0 ? in_seconds(now - started_) / taken * (steps - step) : 0;
  const auto rest = left >= 1 ? "  " + time_text(left) + " left" : std::string{};
  if (!where_.interactive) {
    line(name + ", step " + format_count(position.step) + " of " + format_count(position.steps) + rest);
    return;
  }
  auto bar = progress_bar(name, validating ? position.validated : step / steps,
                          where_.width - std::min(where_.width, widest_rest));
  bar = (bar + rest).substr(0, where_.width - std::min<std::size_t>(where_.width, 1));
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
  last_line_ = time_.now();
}

} // namespace chalkstream::app

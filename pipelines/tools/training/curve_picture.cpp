#include "pipelines/tools/evaluation/drawing.hpp"
#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/training/training_history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::string_view sheet = "text{font:12px sans-serif;fill:#1c2733}.faint{stroke:#d8dee6}"
                                   ".line{stroke:#1f5fa8;stroke-width:2}.other{stroke:#c2571a;stroke-width:2}"
                                   ".blue{fill:#1f5fa8}.orange{fill:#c2571a}.mark{fill:#1f5fa8}";
constexpr double width = 380;
constexpr double height = 220;
constexpr double top = 40;
constexpr int steps = 4;

/// Values of epochs 1, 2, … from the left.
struct curve {
  std::string name;
  std::string_view style;
  std::string_view colour;
  std::vector<double> values;
};

void draw(drawing& on, double left, const std::vector<curve>& curves) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  std::size_t epochs = 1;
  for (const auto& line : curves) {
    epochs = std::max(epochs, line.values.size());
    for (const auto value : line.values)
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  }
  if (!(high > low)) {
    low = std::isfinite(low) ? low - 0.5 : 0;
    high = low + 1;
  }
  const auto x = [&](std::size_t epoch) {
    return left + (epochs == 1 ? width / 2 : width * static_cast<double>(epoch) / static_cast<double>(epochs - 1));
  };
  const auto y = [&](double value) { return top + height * (high - value) / (high - low); };
  for (int i = 0; i <= steps; ++i) {
    const auto value = low + (high - low) * i / steps;
    on.line(left, y(value), left + width, y(value), "faint");
    on.text(left - 6, y(value) + 4, fixed(value, high - low < 2 ? 3 : 1), "end");
  }
  const auto every = (epochs + 9) / 10;
  for (std::size_t epoch = 0; epoch < epochs; epoch += every)
    on.text(x(epoch), top + height + 18, std::to_string(epoch + 1));
  on.text(left + width / 2, top + height + 36, "epoch");
  double place = left;
  for (const auto& line : curves) {
    on.text(place, top - 16, line.name, "start", line.colour);
    place += width / 2;
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      if (!std::isfinite(line.values[i]))
        continue;
      if (i > 0 && std::isfinite(line.values[i - 1]))
        on.line(x(i - 1), y(line.values[i - 1]), x(i), y(line.values[i]), line.style);
      on.rect(x(i) - 2, y(line.values[i]) - 2, 4, 4, line.colour, 1, fixed(line.values[i], 4));
    }
  }
}

} // namespace

std::string curve_picture(const training_history& history, const std::string& figure) {
  curve training{"loss, training", "line", "blue", {}};
  curve validation{"loss, validation", "other", "orange", {}};
  curve chosen{figure + ", validation", "other", "orange", {}};
  for (const auto& epoch : history.epochs) {
    training.values.push_back(epoch.training_loss);
    validation.values.push_back(epoch.validation.loss);
    chosen.values.push_back(value_of(epoch.validation, figure));
  }
  constexpr double left = 60;
  constexpr double second = left + width + 80;
  drawing picture{second + width + 20, top + height + 50, "Learning curves"};
  picture.style(sheet);
  draw(picture, left, {training, validation});
  draw(picture, second, {chosen});
  return std::move(picture).take() + "\n";
}

} // namespace chalkstream::pipelines::tools

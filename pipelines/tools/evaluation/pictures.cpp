#include "pipelines/tools/evaluation/pictures.hpp"

#include "pipelines/tools/evaluation/drawing.hpp"
#include "pipelines/tools/evaluation/markup.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chalkstream::pipelines::tools {

namespace measures = education::measures;

namespace {

constexpr std::size_t longest_label = 18;
constexpr std::size_t most_points = 2000;

/// About how wide a text is drawn; letters of other scripts may be as wide as they are high.
double width_of(std::string_view text) {
  double width = 0;
  for (const unsigned char byte : text)
    width += byte < 0x80 ? 7.5 : byte >= 0xC0 ? 12.5 : 0;
  return width;
}

/// A square with axes, into which values are mapped.
struct plane {
  static constexpr double left = 56;
  static constexpr double top = 12;
  static constexpr double side = 300;

  double low = 0;
  double high = 1;
  double step = 0.2; // between lines; low and high are multiples of it

  /// Holds the values between, and has about five lines with round numbers.
  static plane around(double least, double most) {
    if (!(most - least > 0) || !std::isfinite(most - least))
      most = least + 1;
    const double wanted = (most - least) / 5;
    const double power = std::pow(10, std::floor(std::log10(wanted)));
    const double step = power * (wanted <= power ? 1 : wanted <= 2 * power ? 2 : wanted <= 5 * power ? 5 : 10);
    return {std::floor(least / step) * step, std::ceil(most / step) * step, step};
  }

  double x(double value) const { return left + side * (value - low) / (high - low); }
  double y(double value) const { return top + side - side * (value - low) / (high - low); }

  void draw(drawing& on, std::string_view across, std::string_view up) const {
    const auto steps = std::lround((high - low) / step);
    const auto digits = step < 1 ? static_cast<int>(std::min(6.0, std::ceil(-std::log10(step)))) : 0;
    for (long i = 0; i <= steps; ++i) {
      const auto value = low + static_cast<double>(i) * step;
      on.line(x(value), top, x(value), top + side, "faint");
      on.line(left, y(value), left + side, y(value), "faint");
      on.text(x(value), top + side + 16, fixed(value, digits));
      on.text(left - 6, y(value) + 4, fixed(value, digits), "end");
    }
    on.line(x(low), y(low), x(high), y(high), "line");
    on.text(left + side / 2, top + side + 34, across);
    on.text(14, top + side / 2, up, "middle", "ink", -90);
  }
};

} // namespace

std::string confusion_picture(std::span<const std::string> labels, const measures::confusion_matrix& matrix) {
  const auto classes = matrix.classes();
  if (classes > most_drawn_classes)
    return {};
  const double cell = classes <= 12 ? 46 : 28;
  double widest = 0;
  for (const auto& label : labels)
    widest = std::max(widest, width_of(shortened(label, longest_label)));
  const double slanted = widest / std::numbers::sqrt2;
  const double left = 34 + widest;
  const double top = 34 + slanted;
  const auto size = cell * static_cast<double>(classes);
  drawing picture{left + size + std::max(12.0, slanted - cell / 2 + 14), top + size + 12, "Confusion matrix"};
  picture.text(left + size / 2, 14, "predicted");
  picture.text(14, top + size / 2, "right", "middle", "ink", -90);
  for (std::size_t r = 0; r < classes; ++r) {
    const auto place = cell * (static_cast<double>(r) + 0.5);
    picture.text(left - 6, top + place + 4, shortened(labels[r], longest_label), "end");
    picture.text(left + place + 4, top - 6, shortened(labels[r], longest_label), "start", "ink", -45);
    const auto whole = static_cast<double>(std::max<std::size_t>(matrix.referenced(r), 1));
    for (std::size_t p = 0; p < classes; ++p) {
      const auto count = matrix.count(r, p);
      const auto share = static_cast<double>(count) / whole;
      const auto x = left + cell * static_cast<double>(p);
      const auto y = top + cell * static_cast<double>(r);
      picture.rect(x, y, cell - 1, cell - 1, "mark", 0.04 + 0.96 * share,
                   labels[r] + " as " + labels[p] + ": " + std::to_string(count));
      if (count > 0)
        picture.text(x + cell / 2, y + cell / 2 + 4, std::to_string(count), "middle", share > 0.5 ? "light" : "ink");
    }
  }
  return std::move(picture).take();
}

std::string reliability_picture(std::span<const measures::reliability_bin> bins) {
  const plane square;
  constexpr double counts_top = plane::top + plane::side + 52;
  constexpr double counts_height = 50;
  drawing picture{plane::left + plane::side + 20, counts_top + counts_height + 24, "Reliability"};
  std::size_t most = 1;
  for (const auto& bin : bins)
    most = std::max(most, bin.count);
  for (const auto& bin : bins) {
    if (bin.count == 0)
      continue;
    const auto width = square.x(bin.high) - square.x(bin.low) - 1;
    const auto hint = "confidence " + fixed(bin.confidence, 3) + ", accuracy " + fixed(bin.accuracy, 3) + ", "
                      + std::to_string(bin.count) + " verdicts";
    picture.rect(square.x(bin.low), square.y(bin.accuracy), width, plane::side * bin.accuracy, "mark", 0.7, hint);
    const auto height = counts_height * static_cast<double>(bin.count) / static_cast<double>(most);
    picture.rect(square.x(bin.low), counts_top + counts_height - height, width, height, "mark", 0.35, hint);
  }
  square.draw(picture, "confidence", "accuracy");
  picture.text(plane::left + plane::side / 2, counts_top + counts_height + 18,
               "verdicts a bin, at most " + std::to_string(most));
  return std::move(picture).take();
}

std::string scatter_picture(const measures::scored_rows::trait& scores) {
  const auto [low_p, high_p] = std::minmax_element(scores.predicted.begin(), scores.predicted.end());
  const auto [low_r, high_r] = std::minmax_element(scores.reference.begin(), scores.reference.end());
  const auto square = plane::around(std::min(*low_p, *low_r), std::max(*high_p, *high_r));
  drawing picture{plane::left + plane::side + 20, plane::top + plane::side + 46, "Predicted against right scores"};
  square.draw(picture, "right score", "predicted score");
  const auto every = scores.predicted.size() / most_points + 1;
  for (std::size_t row = 0; row < scores.predicted.size(); row += every)
    picture.dot(square.x(scores.reference[row]), square.y(scores.predicted[row]));
  return std::move(picture).take();
}

} // namespace chalkstream::pipelines::tools

// A drawing surface that knows SVG's elements, in pixels from the top left. Colours are classes of a style sheet:
// ink, line, faint, mark, light.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace chalkstream::pipelines::tools {

class drawing {
public:
  drawing(double width, double height, std::string_view title);

  /// Inline in a page it takes the page's style; a file of its own needs one.
  void style(std::string_view sheet);

  void rect(double x, double y, double width, double height, std::string_view style, double opacity = 1,
            std::string_view hint = "");
  void line(double x1, double y1, double x2, double y2, std::string_view style);
  void dot(double x, double y);

  /// Joined by straight lines.
  void curve(std::span<const std::pair<double, double>> points, std::string_view style);

  /// `anchor`: start, middle or end. Turned by `degrees` about its own place.
  void text(double x, double y, std::string_view what, std::string_view anchor = "middle",
            std::string_view style = "ink", double degrees = 0);

  std::string take() && { return std::move(out_) + "</svg>"; }

private:
  std::string out_;
};

} // namespace chalkstream::pipelines::tools

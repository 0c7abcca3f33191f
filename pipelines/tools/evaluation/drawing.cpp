#include "pipelines/tools/evaluation/drawing.hpp"

#include "pipelines/tools/evaluation/markup.hpp"

namespace chalkstream::pipelines::tools {

namespace {

std::string px(double value) {
  return fixed(value, 1);
}

} // namespace

drawing::drawing(double width, double height, std::string_view title) {
  out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + px(width) + "\" height=\"" + px(height)
         + "\" viewBox=\"0 0 " + px(width) + " " + px(height) + "\" role=\"img\"><title>" + escaped(title)
         + "</title>";
}

void drawing::style(std::string_view sheet) {
  out_ += "<style>" + std::string{sheet} + "</style>";
}

void drawing::rect(double x, double y, double width, double height, std::string_view style, double opacity,
                   std::string_view hint) {
  out_ += "<rect class=\"" + std::string{style} + "\" x=\"" + px(x) + "\" y=\"" + px(y) + "\" width=\"" + px(width)
          + "\" height=\"" + px(height) + "\" fill-opacity=\"" + fixed(opacity, 3) + "\">";
  out_ += (hint.empty() ? "" : "<title>" + escaped(hint) + "</title>") + "</rect>";
}

void drawing::line(double x1, double y1, double x2, double y2, std::string_view style) {
  out_ += "<line class=\"" + std::string{style} + "\" x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2)
          + "\" y2=\"" + px(y2) + "\"/>";
}

void drawing::dot(double x, double y) {
  out_ += "<circle class=\"mark\" cx=\"" + px(x) + "\" cy=\"" + px(y) + "\" r=\"3\" fill-opacity=\"0.35\"/>";
}

void drawing::curve(std::span<const std::pair<double, double>> points, std::string_view style) {
  out_ += "<polyline class=\"" + std::string{style} + "\" fill=\"none\" points=\"";
  for (const auto& [x, y] : points)
    out_ += px(x) + "," + px(y) + " ";
  out_ += "\"/>";
}

void drawing::text(double x, double y, std::string_view what, std::string_view anchor, std::string_view style,
                   double degrees) {
  out_ += "<text class=\"" + std::string{style} + "\" x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\""
          + std::string{anchor} + "\"";
  if (degrees != 0)
    out_ += " transform=\"rotate(" + px(degrees) + " " + px(x) + " " + px(y) + ")\"";
  out_ += ">" + escaped(what) + "</text>";
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/annotation.hpp"

#include "models/image/png_file.hpp"
#include "models/image/resample.hpp"
#include "models/new_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t longest_thumbnail = 1000;
constexpr std::size_t longest_name = 60;
constexpr int dot = 2; // pixels of a digit's dot

using colour = std::array<std::uint8_t, 3>;

/// Digits of three by five dots: a row in three bits, the highest first.
constexpr std::array<std::array<std::uint8_t, 5>, 10> digits{{{7, 5, 5, 5, 7},
                                                              {2, 6, 2, 2, 7},
                                                              {7, 1, 7, 4, 7},
                                                              {7, 1, 7, 1, 7},
                                                              {5, 5, 7, 1, 1},
                                                              {7, 4, 7, 1, 7},
                                                              {7, 4, 7, 5, 7},
                                                              {7, 1, 1, 2, 2},
                                                              {7, 5, 7, 5, 7},
                                                              {7, 5, 7, 1, 7}}};

class canvas {
public:
  explicit canvas(picture& pixels) : pixels_(pixels) {}

  void fill(int left, int top, int width, int height, const colour& with) {
    for (int y = std::max(top, 0); y < std::min<int>(top + height, static_cast<int>(pixels_.height)); ++y)
      for (int x = std::max(left, 0); x < std::min<int>(left + width, static_cast<int>(pixels_.width)); ++x)
        std::ranges::copy(with, pixels_.values.begin() + (y * static_cast<std::ptrdiff_t>(pixels_.width) + x) * 3);
  }

  void frame(int left, int top, int width, int height, const colour& with) {
    fill(left, top, width, 1, with);
    fill(left, top + height - 1, width, 1, with);
    fill(left, top, 1, height, with);
    fill(left + width - 1, top, 1, height, with);
  }

  /// White on a ground of that colour; ends at `right`.
  void number(const std::string& text, int right, int top, const colour& ground) {
    const int width = static_cast<int>(text.size()) * 4 * dot + dot;
    int x = right - width;
    fill(x, top, width, 7 * dot, ground);
    for (const char c : text) {
      for (int row = 0; row < 5; ++row)
        for (int column = 0; column < 3; ++column)
          if ((digits[static_cast<std::size_t>(c - '0')][static_cast<std::size_t>(row)] >> (2 - column) & 1) != 0)
            fill(x + dot + column * dot, top + dot + row * dot, dot, dot, {255, 255, 255});
      x += 4 * dot;
    }
  }

private:
  picture& pixels_;
};

/// Red up to a half, green from one on.
colour colour_of(double confidence) {
  const double sure = std::clamp(2 * confidence - 1, 0.0, 1.0);
  return {static_cast<std::uint8_t>(200 * (1 - sure)), static_cast<std::uint8_t>(140 * sure), 30};
}

picture in_colour(picture pixels) {
  if (pixels.channels == 3)
    return pixels;
  picture made{pixels.width, pixels.height, 3, {}};
  made.values.reserve(pixels.values.size() * 3);
  for (const auto grey : pixels.values)
    made.values.insert(made.values.end(), 3, grey);
  return made;
}

} // namespace

picture annotated(const picture& page, const recognised_page& read) {
  const auto longest = std::max(page.width, page.height);
  const double scale = std::min(static_cast<double>(longest_thumbnail) / static_cast<double>(longest), 1.0);
  const auto scaled = [scale](std::size_t side) {
    return std::max<std::size_t>(static_cast<std::size_t>(std::lround(static_cast<double>(side) * scale)), 1);
  };
  auto made = in_colour(
      scale < 1 ? image::resample(page, {scaled(page.width), scaled(page.height)}, image::filter::box) : page);
  canvas on(made);
  for (const auto& line : read.lines) {
    const auto at = [scale](double place) { return static_cast<int>(std::lround(place * scale)); };
    const auto colour = colour_of(line.confidence);
    const int left = at(line.box.left) - 2, top = at(line.box.top) - 2;
    const int right = at(double(line.box.left) + line.box.width) + 2;
    const int bottom = at(double(line.box.top) + line.box.height) + 2;
    on.frame(left, top, right - left, bottom - top, colour);
    on.number(std::to_string(std::lround(std::clamp(line.confidence, 0.0, 1.0) * 100)), left > 30 ? left : right, top,
              colour);
  }
  return made;
}

std::string annotation_name(std::size_t line, std::string_view id, std::size_t page) {
  auto number = std::to_string(line);
  std::string name(number.size() < 6 ? 6 - number.size() : 0, '0');
  name += number + "-";
  for (const char c : id.substr(0, longest_name)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (plain)
      name += c;
    else if (c != '"')
      name += '_';
  }
  return name + "-p" + std::to_string(page) + ".png";
}

result<void> write_annotation(const std::filesystem::path& file, const picture& page, const recognised_page& read) {
  CHALK_TRY(const auto png, image::png_file(annotated(page, read)));
  return models::write_file(file, png);
}

} // namespace chalkstream::pipelines::tools

#include "pipelines/tools/annotation.hpp"

#include "models/image/png_file.hpp"
#include "models/image/resample.hpp"
#include "models/new_file.hpp"
#include "pipelines/probabilities.hpp"
#include "pipelines/tools/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t longest_thumbnail = 1000;
constexpr std::size_t shortest_thumbnail = 200;
constexpr std::size_t longest_name = 60;
constexpr std::size_t most_guesses = 3;
// Pixels of a dot of letters: in the picture, and below it.
constexpr int small_dot = 2;
constexpr int large_dot = 3;
constexpr colour ink{40, 40, 40};

picture in_colour(picture pixels) {
  if (pixels.channels == 3)
    return pixels;
  picture made{pixels.width, pixels.height, 3, {}};
  made.values.reserve(pixels.values.size() * 3);
  for (const auto grey : pixels.values)
    made.values.insert(made.values.end(), 3, grey);
  return made;
}

double scale_of_thumbnail(const picture& page) {
  const auto longest = static_cast<double>(std::max(page.width, page.height));
  return std::min(static_cast<double>(longest_thumbnail) / longest, 1.0);
}

picture thumbnail(const picture& page) {
  const double scale = scale_of_thumbnail(page);
  if (scale == 1)
    return in_colour(page);
  const auto scaled = [scale](std::size_t side) {
    return std::max<std::size_t>(static_cast<std::size_t>(std::lround(static_cast<double>(side) * scale)), 1);
  };
  return in_colour(image::resample(page, {scaled(page.width), scaled(page.height)}, image::filter::box));
}

/// Small pictures with each pixel as a square that can be seen.
picture enlarged(picture small) {
  const auto times = std::max<std::size_t>(shortest_thumbnail / std::max(small.width, small.height), 1);
  if (times == 1)
    return small;
  return image::resample(small, {small.width * times, small.height * times}, image::filter::nearest);
}

std::string percent(double confidence) {
  return std::to_string(std::lround(std::clamp(confidence, 0.0, 1.0) * 100));
}

} // namespace

std::vector<class_guess> likeliest_classes(std::span<const float> logits, std::span<const std::string> labels) {
  std::vector<class_guess> made;
  auto probabilities = probabilities_of(logits);
  while (made.size() < std::min(most_guesses, logits.size()) && !probabilities.empty()) {
    const auto best = likeliest(probabilities);
    made.push_back({best < labels.size() ? labels[best] : std::to_string(best), probabilities[best]});
    probabilities[best] = -1;
  }
  return made;
}

picture annotated(const picture& page, const recognised_page& read) {
  const double scale = scale_of_thumbnail(page);
  auto made = thumbnail(page);
  canvas on(made);
  for (const auto& line : read.lines) {
    const auto at = [scale](double place) { return static_cast<int>(std::lround(place * scale)); };
    const auto colour = colour_of(line.confidence);
    const int left = at(line.box.left) - 2, top = at(line.box.top) - 2;
    const int right = at(double(line.box.left) + line.box.width) + 2;
    const int bottom = at(double(line.box.top) + line.box.height) + 2;
    on.frame(left, top, right - left, bottom - top, colour);
    const auto sure = percent(line.confidence);
    on.plate(sure, (left > 30 ? left : right) - width_of(sure, small_dot) - small_dot, top, small_dot, colour);
  }
  return made;
}

picture annotated(const picture& page, std::span<const class_guess> guesses) {
  constexpr int row = 9 * large_dot, gap = 2 * large_dot;
  const int room_of_number = width_of("100", large_dot) + 5 * large_dot;
  const auto seen = enlarged(thumbnail(page));
  auto width = std::max(static_cast<int>(seen.width), static_cast<int>(shortest_thumbnail));
  for (const auto& guess : guesses)
    width = std::max(width, std::min(room_of_number + width_of(guess.label, large_dot) + gap,
                                     static_cast<int>(longest_thumbnail)));
  picture made{static_cast<std::size_t>(width), seen.height + guesses.size() * row + gap, 3, {}};
  made.values.assign(made.width * made.height * 3, 255);
  for (std::size_t y = 0; y < seen.height; ++y)
    std::copy_n(seen.values.begin() + static_cast<std::ptrdiff_t>(y * seen.width * 3), seen.width * 3,
                made.values.begin() + static_cast<std::ptrdiff_t>(y * made.width * 3));
  canvas on(made);
  int top = static_cast<int>(seen.height) + gap;
  for (const auto& guess : guesses) {
    const auto colour = colour_of(guess.confidence);
    on.plate(percent(guess.confidence), 0, top, large_dot, colour);
    on.words(guess.label, room_of_number, top + large_dot, large_dot, ink);
    const double share = std::clamp(guess.confidence, 0.0, 1.0);
    on.fill(0, top + 7 * large_dot, static_cast<int>(std::lround(width * share)), 1, colour);
    top += row;
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

result<void> write_annotation(const std::filesystem::path& file, const picture& drawn) {
  CHALK_TRY(const auto png, image::png_file(drawn));
  return models::write_file(file, png);
}

} // namespace chalkstream::pipelines::tools

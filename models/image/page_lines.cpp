#include "models/image/page_lines.hpp"

#include "models/image/line_layout.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace chalkstream::image {

namespace {

constexpr double least_skew = 0.1; // degrees; less moves the end of a line by less than a letter
constexpr std::uint8_t paper = 255;

/// From the middle of a picture of one size to that of the same picture turned, whose size holds all of it.
struct turn {
  turn(double degrees, std::size_t from_width, std::size_t from_height)
      : sine(std::sin(degrees * std::numbers::pi / 180)), cosine(std::cos(degrees * std::numbers::pi / 180)),
        from_x(static_cast<double>(from_width) / 2), from_y(static_cast<double>(from_height) / 2) {
    to_width = static_cast<std::size_t>(std::ceil(2 * (from_x * cosine + from_y * std::abs(sine))));
    to_height = static_cast<std::size_t>(std::ceil(2 * (from_y * cosine + from_x * std::abs(sine))));
  }

  /// Where a place of the turned picture was before.
  std::pair<double, double> before(double x, double y) const {
    const double dx = x - static_cast<double>(to_width) / 2, dy = y - static_cast<double>(to_height) / 2;
    return {dx * cosine - dy * sine + from_x, dx * sine + dy * cosine + from_y};
  }

  double sine, cosine, from_x, from_y;
  std::size_t to_width, to_height;
};

/// Added before a fraction is cut off.
constexpr double to_nearest = 0.5;

/// Each pixel from the four that it came to lie between.
picture turned(const picture& page, const turn& by) {
  picture made{by.to_width, by.to_height, page.channels, {}};
  made.values.assign(made.width * made.height * made.channels, paper);
  for (std::size_t y = 0; y < made.height; ++y)
    for (std::size_t x = 0; x < made.width; ++x) {
      const auto [at_x, at_y] = by.before(static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5);
      const double column = at_x - 0.5, row = at_y - 0.5;
      if (column < 0 || row < 0 || column >= static_cast<double>(page.width - 1)
          || row >= static_cast<double>(page.height - 1))
        continue;
      const auto left = static_cast<std::size_t>(column), top = static_cast<std::size_t>(row);
      const double across = column - static_cast<double>(left), down = row - static_cast<double>(top);
      const auto* from = page.values.data() + (top * page.width + left) * page.channels;
      const auto* below = from + page.width * page.channels;
      auto* to = made.values.data() + (y * made.width + x) * made.channels;
      for (std::size_t c = 0; c < page.channels; ++c)
        to[c] = static_cast<std::uint8_t>((from[c] * (1 - across) + from[c + page.channels] * across) * (1 - down)
                                          + (below[c] * (1 - across) + below[c + page.channels] * across) * down
                                          + to_nearest);
    }
  return made;
}

page_letters letters_on(const picture& page) {
  return letters_of(pieces_of(find_ink(page)));
}

/// With a third of a letter around it, where the page has room; neighbours may share that.
picture_box with_room(const picture_box& box, double letter, const picture& page) {
  const auto room = static_cast<std::uint32_t>(letter / 3) + 2;
  const auto left = box.left - std::min(box.left, room), top = box.top - std::min(box.top, room);
  const auto right = std::min<std::size_t>(box.left + box.width + room, page.width);
  const auto bottom = std::min<std::size_t>(box.top + box.height + room, page.height);
  return {left, top, static_cast<std::uint32_t>(right) - left, static_cast<std::uint32_t>(bottom) - top};
}

} // namespace

page_lines page_lines::find(picture page) {
  page_lines found;
  found.width_ = page.width;
  found.height_ = page.height;
  auto letters = letters_on(page);
  found.skew_ = skew_of(letters);
  if (std::abs(found.skew_) < least_skew) {
    found.skew_ = 0;
  } else {
    page = turned(page, turn(found.skew_, page.width, page.height));
    letters = letters_on(page);
  }
  for (const auto& box : lines_of(letters))
    found.boxes_.push_back(with_room(box, letters.height, page));
  found.levelled_ = std::move(page);
  return found;
}

picture page_lines::line(std::size_t i) const {
  const auto& box = boxes_[i];
  const auto channels = levelled_.channels;
  picture made{box.width, box.height, channels, {}};
  made.values.reserve(made.width * made.height * channels);
  for (std::size_t y = box.top; y < box.top + box.height; ++y) {
    const auto from =
        levelled_.values.begin() + static_cast<std::ptrdiff_t>((y * levelled_.width + box.left) * channels);
    made.values.insert(made.values.end(), from, from + static_cast<std::ptrdiff_t>(made.width * channels));
  }
  return made;
}

picture_box page_lines::box_in(std::size_t i, const picture_box& part) const {
  return on_page({boxes_[i].left + part.left, boxes_[i].top + part.top, part.width, part.height});
}

picture_box page_lines::on_page(const picture_box& levelled) const {
  if (skew_ == 0)
    return levelled;
  const turn by(skew_, width_, height_);
  double left = static_cast<double>(width_), top = static_cast<double>(height_), right = 0, bottom = 0;
  for (const auto& [x, y] :
       {std::pair{levelled.left, levelled.top}, std::pair{levelled.left + levelled.width, levelled.top},
        std::pair{levelled.left, levelled.top + levelled.height},
        std::pair{levelled.left + levelled.width, levelled.top + levelled.height}}) {
    const auto [at_x, at_y] = by.before(x, y);
    left = std::min(left, at_x);
    top = std::min(top, at_y);
    right = std::max(right, at_x);
    bottom = std::max(bottom, at_y);
  }
  const auto within = [](double value, std::size_t most) {
    return static_cast<std::uint32_t>(std::clamp(std::round(value), 0.0, static_cast<double>(most)));
  };
  const auto from_x = within(left, width_), from_y = within(top, height_);
  return {from_x, from_y, within(right, width_) - from_x, within(bottom, height_) - from_y};
}

} // namespace chalkstream::image

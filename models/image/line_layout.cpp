#include "models/image/line_layout.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>
#include <span>

namespace chalkstream::image {

namespace {

constexpr std::uint32_t lowest_letter = 4; // pixels; what is lower is grain until the page's own height is known
constexpr double widest_skew = 5;          // degrees

double bottom(const picture_box& box) {
  return double(box.top) + box.height;
}

double right(const picture_box& box) {
  return double(box.left) + box.width;
}

double middle(const picture_box& box) {
  return box.top + box.height / 2.0;
}

picture_box around(const picture_box& a, const picture_box& b) {
  const auto left = std::min(a.left, b.left), top = std::min(a.top, b.top);
  return {left, top, std::max(a.left + a.width, b.left + b.width) - left,
          std::max(a.top + a.height, b.top + b.height) - top};
}

double median_height(const std::vector<ink_piece>& pieces) {
  std::vector<std::uint32_t> heights;
  for (const auto& piece : pieces)
    if (piece.box.height >= lowest_letter)
      heights.push_back(piece.box.height);
  if (heights.empty())
    return 0;
  const auto half = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), half, heights.end());
  return *half;
}

/// How strongly the feet of letters gather in rows when the page is turned by this angle.
double gathering(const std::vector<std::pair<double, double>>& feet, double degrees, double row_height) {
  const double sine = std::sin(degrees * std::numbers::pi / 180), cosine = std::cos(degrees * std::numbers::pi / 180);
  std::vector<double> rows;
  rows.reserve(feet.size());
  for (const auto& [x, y] : feet)
    rows.push_back((y * cosine - x * sine) / row_height);
  const auto [least, most] = std::minmax_element(rows.begin(), rows.end());
  std::vector<double> counts(static_cast<std::size_t>(*most - *least) + 2);
  for (const double row : rows) { // shared between two rows: no jumps where a row begins
    const double at = row - *least;
    const auto first = static_cast<std::size_t>(at);
    counts[first] += 1 - (at - static_cast<double>(first));
    counts[first + 1] += at - static_cast<double>(first);
  }
  double sum = 0;
  for (const double count : counts)
    sum += count * count;
  return sum;
}

struct gap {
  double width = 0;
  double at = 0; // its middle
};

/// The widest stretch that no letter covers between the first and the last, along one direction.
gap widest_gap(std::vector<std::pair<double, double>> covered) {
  std::sort(covered.begin(), covered.end());
  gap widest;
  double end = covered.front().second;
  for (const auto& [from, to] : covered) {
    if (from - end > widest.width)
      widest = {from - end, (from + end) / 2};
    end = std::max(end, to);
  }
  return widest;
}

using letters = std::span<ink_piece>;

// Blanks between words are no gap between columns, blanks between lines none between blocks.
constexpr double column_gap = 2, block_gap = 1.5, lowest_columns = 4; // letters' heights

void cut_into_blocks(letters part, double height, const std::function<void(letters)>& block) {
  std::vector<std::pair<double, double>> across, down;
  for (const auto& piece : part) {
    across.emplace_back(piece.box.left, right(piece.box));
    down.emplace_back(piece.box.top, bottom(piece.box));
  }
  const double low =
      std::max_element(down.begin(), down.end(), [](auto& a, auto& b) { return a.second < b.second; })->second;
  const double tall = low - std::min_element(down.begin(), down.end())->first;
  const auto between_columns = widest_gap(std::move(across)), between_blocks = widest_gap(std::move(down));
  letters::iterator cut;
  if (between_columns.width >= column_gap * height && tall >= lowest_columns * height)
    cut = std::partition(part.begin(), part.end(),
                         [at = between_columns.at](const ink_piece& p) { return p.box.left < at; });
  else if (between_blocks.width >= block_gap * height)
    cut = std::partition(part.begin(), part.end(),
                         [at = between_blocks.at](const ink_piece& p) { return p.box.top < at; });
  else
    return block(part);
  cut_into_blocks({part.begin(), cut}, height, block);
  cut_into_blocks({cut, part.end()}, height, block);
}

/// How many whole letters each row meets, smoothed over a quarter of a letter.
std::vector<double> letters_by_row(letters block, double height, double top, double low) {
  std::vector<double> rows(static_cast<std::size_t>(low - top) + 1);
  for (const auto& piece : block)
    if (piece.box.height >= 0.5 * height && piece.box.height <= 2.5 * height)
      for (auto y = piece.box.top; y < piece.box.top + piece.box.height; ++y)
        rows[y - static_cast<std::size_t>(top)] += 1;
  const auto reach = static_cast<std::ptrdiff_t>(height / 8);
  std::vector<double> smooth(rows.size());
  for (std::ptrdiff_t y = 0; y < std::ssize(rows); ++y)
    for (auto at = std::max<std::ptrdiff_t>(y - reach, 0); at <= std::min(y + reach, std::ssize(rows) - 1); ++at)
      smooth[static_cast<std::size_t>(y)] += rows[static_cast<std::size_t>(at)] / static_cast<double>(2 * reach + 1);
  return smooth;
}

/// The rows of lines' middles: peaks at least most of a letter apart, with a valley of less than half of the lower
/// one between each two.
std::vector<double> line_middles(const std::vector<double>& rows, double height) {
  struct hill {
    double peak, first, last;
  };
  std::vector<hill> hills;
  double valley = 0;
  for (std::size_t y = 0; y < rows.size(); ++y) {
    const auto at = static_cast<double>(y);
    const double met = rows[y];
    valley = std::min(valley, met);
    const bool apart =
        hills.empty() || (valley < 0.5 * std::min(hills.back().peak, met) && at - hills.back().last >= 0.8 * height);
    if (met > 0 && apart)
      hills.push_back({met, at, at});
    else if (!hills.empty() && met > hills.back().peak)
      hills.back() = {met, at, at};
    else if (!hills.empty() && met == hills.back().peak)
      hills.back().last = at;
    else
      continue;
    valley = met;
  }
  std::vector<double> middles;
  middles.reserve(hills.size());
  for (const auto& each : hills)
    middles.push_back((each.first + each.last) / 2);
  return middles;
}

void add_lines(letters block, double height, std::vector<picture_box>& lines) {
  double top = block.front().box.top, low = 0;
  for (const auto& piece : block) {
    top = std::min<double>(top, piece.box.top);
    low = std::max(low, bottom(piece.box));
  }
  const auto middles = line_middles(letters_by_row(block, height, top, low), height);
  if (middles.empty())
    return;
  std::vector<std::optional<picture_box>> made(middles.size());
  for (const auto& piece : block) { // accents and dots too: to the line that is nearest
    const double at = middle(piece.box) - top;
    const auto after = std::lower_bound(middles.begin(), middles.end(), at);
    auto line = static_cast<std::size_t>(after - middles.begin());
    if (line == middles.size() || (line > 0 && at - middles[line - 1] < middles[line] - at))
      --line;
    made[line] = made[line] ? around(*made[line], piece.box) : piece.box;
  }
  for (const auto& line : made)
    if (line)
      lines.push_back(*line);
}

} // namespace

page_letters letters_of(std::vector<ink_piece> pieces) {
  page_letters found;
  found.height = median_height(pieces);
  const double height = found.height;
  std::erase_if(pieces, [height](const ink_piece& piece) {
    const auto& box = piece.box;
    const bool speck = box.height < 0.2 * height && box.width < 0.2 * height;
    const bool rule = box.width > 12 * height && box.height < 0.6 * height;
    const bool picture = box.height > 6 * height;
    return height == 0 || speck || rule || picture;
  });
  found.pieces = std::move(pieces);
  return found;
}

double skew_of(const page_letters& letters) {
  std::vector<std::pair<double, double>> feet;
  for (const auto& [box, pixels] : letters.pieces)
    if (box.height >= 0.5 * letters.height && box.height <= 2.5 * letters.height)
      feet.emplace_back(box.left + box.width / 2.0, bottom(box));
  if (feet.size() < 8)
    return 0;
  const double row = std::max(letters.height / 4, 1.0);
  double best = 0, most = gathering(feet, 0, row);
  const auto look = [&](double from, double to, double step) {
    for (double degrees = from; degrees <= to; degrees += step)
      if (const double found = gathering(feet, degrees, row); found > most) {
        most = found;
        best = degrees;
      }
  };
  look(-widest_skew, widest_skew, 0.25);
  look(best - 0.25, best + 0.25, 0.03);
  return std::clamp(best, -widest_skew, widest_skew);
}

std::vector<picture_box> lines_of(const page_letters& letters) {
  std::vector<picture_box> lines;
  auto pieces = letters.pieces;
  if (!pieces.empty())
    cut_into_blocks(pieces, letters.height,
                    [&](std::span<ink_piece> block) { add_lines(block, letters.height, lines); });
  return lines;
}

} // namespace chalkstream::image

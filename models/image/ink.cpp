#include "models/image/ink.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace chalkstream::image {

namespace {

constexpr double k = 0.2;             // how much contrast counts
constexpr double most_contrast = 128; // of 8 bits, a standard deviation's largest

std::uint8_t grey_at(const picture& page, std::size_t pixel) {
  if (page.channels == 1)
    return page.values[pixel];
  const auto* rgb = page.values.data() + pixel * page.channels;
  return static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

/// Sums of a window's columns, kept while it moves down; then a row costs two steps a pixel.
class window_sums {
public:
  window_sums(const picture& page, std::size_t reach)
      : page_(page), reach_(reach), sums_(page.width), squares_(page.width) {
    for (std::size_t y = 0; y < std::min(reach, page.height); ++y)
      add(y, 1);
  }

  void move_to(std::size_t row) {
    if (row + reach_ < page_.height)
      add(row + reach_, 1);
    if (row > reach_)
      add(row - reach_ - 1, -1);
    rows_ = std::min(row + reach_, page_.height - 1) - (row > reach_ ? row - reach_ : 0) + 1;
  }

  /// The thresholds of the row.
  void thresholds(std::vector<double>& of) const {
    std::int64_t sum = 0, square = 0;
    for (std::size_t x = 0; x < std::min(reach_, page_.width); ++x) {
      sum += sums_[x];
      square += squares_[x];
    }
    for (std::size_t x = 0; x < page_.width; ++x) {
      if (x + reach_ < page_.width) {
        sum += sums_[x + reach_];
        square += squares_[x + reach_];
      }
      if (x > reach_) {
        sum -= sums_[x - reach_ - 1];
        square -= squares_[x - reach_ - 1];
      }
      const auto columns = std::min(x + reach_, page_.width - 1) - (x > reach_ ? x - reach_ : 0) + 1;
      const auto count = static_cast<double>(columns * rows_);
      const double mean = static_cast<double>(sum) / count;
      const double spread = std::sqrt(std::max(static_cast<double>(square) / count - mean * mean, 0.0));
      of[x] = mean * (1 + k * (spread / most_contrast - 1));
    }
  }

private:
  void add(std::size_t row, std::int64_t sign) {
    for (std::size_t x = 0; x < page_.width; ++x) {
      const std::int64_t value = grey_at(page_, row * page_.width + x);
      sums_[x] += sign * value;
      squares_[x] += sign * value * value;
    }
  }

  const picture& page_;
  std::size_t reach_;
  std::size_t rows_ = 0;
  std::vector<std::int64_t> sums_;
  std::vector<std::int64_t> squares_;
};

/// Pieces that turn out to be one have one root.
class piece_roots {
public:
  std::uint32_t add() {
    roots_.push_back(static_cast<std::uint32_t>(roots_.size()));
    return roots_.back();
  }
  std::uint32_t root(std::uint32_t piece) {
    while (roots_[piece] != piece)
      piece = roots_[piece] = roots_[roots_[piece]];
    return piece;
  }
  std::uint32_t join(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    return roots_[std::max(a, b)] = std::min(a, b);
  }
  std::size_t size() const { return roots_.size(); }

private:
  std::vector<std::uint32_t> roots_;
};

constexpr std::uint32_t no_piece = std::numeric_limits<std::uint32_t>::max();

/// Ink from `begin` to before `end` in one row.
struct ink_run {
  std::uint32_t row, begin, end, piece;
};

std::vector<ink_run> runs_of(const ink_map& ink) {
  std::vector<ink_run> runs;
  for (std::size_t y = 0; y < ink.height; ++y) {
    const auto* row = ink.dark.data() + y * ink.width;
    for (std::size_t x = 0; x < ink.width;) {
      const auto begin = static_cast<std::size_t>(std::find(row + x, row + ink.width, 1) - row);
      const auto end = static_cast<std::size_t>(std::find(row + begin, row + ink.width, 0) - row);
      if (begin < end)
        runs.push_back({static_cast<std::uint32_t>(y), static_cast<std::uint32_t>(begin),
                        static_cast<std::uint32_t>(end), no_piece});
      x = end;
    }
  }
  return runs;
}

/// Gives each run the piece of those above that it touches.
piece_roots join_rows(std::vector<ink_run>& runs) {
  piece_roots roots;
  std::size_t above = 0;
  for (auto& run : runs) {
    while (runs[above].row + 1 < run.row || (runs[above].row + 1 == run.row && runs[above].end < run.begin))
      ++above;
    for (auto at = above; runs[at].row + 1 == run.row && runs[at].begin <= run.end; ++at)
      run.piece = run.piece == no_piece ? roots.root(runs[at].piece) : roots.join(run.piece, runs[at].piece);
    if (run.piece == no_piece)
      run.piece = roots.add();
  }
  return roots;
}

} // namespace

ink_map find_ink(const picture& page) {
  ink_map ink{page.width, page.height, std::vector<std::uint8_t>(page.width * page.height)};
  if (ink.dark.empty())
    return ink;
  const auto reach = std::clamp<std::size_t>(std::max(page.width, page.height) / 35, 12, 120);
  window_sums window(page, reach);
  std::vector<double> thresholds(page.width);
  for (std::size_t y = 0; y < page.height; ++y) {
    window.move_to(y);
    window.thresholds(thresholds);
    for (std::size_t x = 0; x < page.width; ++x)
      ink.dark[y * page.width + x] = grey_at(page, y * page.width + x) < thresholds[x] ? 1 : 0;
  }
  return ink;
}

std::vector<ink_piece> pieces_of(const ink_map& ink, std::size_t most) {
  auto runs = runs_of(ink);
  auto roots = join_rows(runs);
  std::vector<std::uint32_t> numbers(roots.size(), no_piece);
  std::vector<ink_piece> pieces;
  for (const auto& run : runs) {
    auto& number = numbers[roots.root(run.piece)];
    if (number == no_piece) {
      if (pieces.size() == most)
        continue;
      number = static_cast<std::uint32_t>(pieces.size());
      pieces.push_back({{run.begin, run.row, run.end - run.begin, 1}, 0});
    }
    auto& box = pieces[number].box;
    const auto right = std::max(box.left + box.width, run.end);
    box.left = std::min(box.left, run.begin);
    box.width = right - box.left;
    box.height = run.row - box.top + 1; // rows come in order
    pieces[number].pixels += run.end - run.begin;
  }
  return pieces;
}

} // namespace chalkstream::image

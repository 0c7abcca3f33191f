// How much a figure would move with another sample of the same size: the percentile bootstrap (Efron 1979). Rows are
// drawn with replacement, the figure is computed anew, and the interval lies between the percentiles of what came
// out. The same seed gives the same interval on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace chalkstream::education::measures {

/// Rows of a table by their place in it; a row may come more than once.
using row_list = std::span<const std::uint32_t>;

struct bootstrap_settings {
  /// 0: no intervals.
  std::size_t resamples = 0;
  std::uint64_t seed = 0;
  /// The share of resamples between the ends.
  double level = 0.95;
};

/// NaN at both ends where there is none.
struct interval {
  double low = 0;
  double high = 0;
};

/// splitmix64 (Steele, Lea & Flood 2014): small, fast and the same everywhere.
class row_generator {
public:
  explicit row_generator(std::uint64_t seed) : state_(seed) {}

  /// 0 … bound − 1. By remainder: for a bound below 2³² no value is favoured by more than 2⁻³².
  std::uint32_t below(std::uint32_t bound) noexcept;

  /// Any order as likely as any other (Fisher and Yates).
  template <class T>
  void shuffle(std::span<T> all) {
    for (std::size_t i = all.size(); i > 1; --i)
      std::swap(all[i - 1], all[below(static_cast<std::uint32_t>(i))]);
  }

private:
  std::uint64_t state_;
};

/// The value below which `share` (0 … 1) of the values lie, interpolated linearly as numpy.percentile does. NaN of
/// nothing.
double percentile(std::vector<double> values, double share);

/// An interval for each figure that `figures` computes, all from the same resamples. A resample in which a figure is
/// not defined (NaN) does not count for it; where it is not defined in most, there is no interval. Costs `resamples`
/// calls with rows.size() rows each.
std::vector<interval> bootstrap_intervals(row_list rows, const bootstrap_settings& settings,
                                          const std::function<std::vector<double>(row_list)>& figures);

} // namespace chalkstream::education::measures

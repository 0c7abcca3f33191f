#include "models/ngrams/ridge.hpp"

#include <cmath>
#include <numeric>

namespace chalkstream::models {
namespace {

// The residual's length falls below this share of the goals' within some tens of steps; weights are then far more exact than
// any score needs.
constexpr double enough = 1e-7;
constexpr std::size_t most_steps = 500;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

class centred_rows {
public:
  centred_rows(std::span<const ridge_row* const> rows, std::size_t sparse_columns)
      : rows_(rows), sparse_(sparse_columns), means_(sparse_columns + rows.front()->dense.size(), 0) {
    for (const auto* row : rows_)
      add(*row, 1 / static_cast<double>(rows_.size()), means_);
  }

  std::size_t columns() const noexcept { return means_.size(); }
  double mean_of(const std::vector<double>& weights) const { return dot(means_, weights); }

  /// X'w
  std::vector<double> times(const std::vector<double>& weights) const {
    std::vector<double> out(rows_.size());
    const auto mean = mean_of(weights);
    for (std::size_t i = 0; i < rows_.size(); ++i)
      out[i] = product(*rows_[i], weights) - mean;
    return out;
  }

  /// X'ᵀv
  std::vector<double> transposed_times(const std::vector<double>& values) const {
    std::vector<double> out(columns(), 0);
    const auto sum = std::accumulate(values.begin(), values.end(), 0.0);
    for (std::size_t c = 0; c < columns(); ++c)
      out[c] = -sum * means_[c];
    for (std::size_t i = 0; i < rows_.size(); ++i)
      add(*rows_[i], values[i], out);
    return out;
  }

private:
  double product(const ridge_row& row, const std::vector<double>& weights) const {
    double sum = 0;
    for (const auto& run : row.sparse)
      sum += double{run.weight} * weights[run.bucket];
    for (std::size_t j = 0; j < row.dense.size(); ++j)
      sum += double{row.dense[j]} * weights[sparse_ + j];
    return sum;
  }

  void add(const ridge_row& row, double times, std::vector<double>& to) const {
    for (const auto& run : row.sparse)
      to[run.bucket] += times * double{run.weight};
    for (std::size_t j = 0; j < row.dense.size(); ++j)
      to[sparse_ + j] += times * double{row.dense[j]};
  }

  std::span<const ridge_row* const> rows_;
  std::size_t sparse_;
  std::vector<double> means_;
};

} // namespace

double ridge_fit::predict(const ridge_row& row) const {
  double sum = intercept;
  for (const auto& run : row.sparse)
    sum += double{run.weight} * weights[run.bucket];
  const auto sparse = weights.size() - row.dense.size();
  for (std::size_t j = 0; j < row.dense.size(); ++j)
    sum += double{row.dense[j]} * weights[sparse + j];
  return sum;
}

ridge_fit fit_ridge(std::span<const ridge_row* const> rows, std::span<const double> goals, std::size_t sparse_columns,
                    double penalty) {
  const centred_rows x(rows, sparse_columns);
  const auto mean = std::accumulate(goals.begin(), goals.end(), 0.0) / static_cast<double>(goals.size());
  std::vector<double> centred(goals.begin(), goals.end());
  for (auto& y : centred)
    y -= mean;
  auto residual = x.transposed_times(centred);
  auto direction = residual;
  std::vector<double> weights(x.columns(), 0);
  auto length = dot(residual, residual);
  const auto small = length * enough * enough;
  for (std::size_t step = 0; step < most_steps && length > small; ++step) {
    auto image = x.transposed_times(x.times(direction));
    for (std::size_t c = 0; c < image.size(); ++c)
      image[c] += penalty * direction[c];
    const auto stride = length / dot(direction, image);
    for (std::size_t c = 0; c < weights.size(); ++c) {
      weights[c] += stride * direction[c];
      residual[c] -= stride * image[c];
    }
    const auto next = dot(residual, residual);
    for (std::size_t c = 0; c < direction.size(); ++c)
      direction[c] = residual[c] + next / length * direction[c];
    length = next;
  }
  const auto shift = x.mean_of(weights);
  return {std::move(weights), mean - shift};
}

} // namespace chalkstream::models

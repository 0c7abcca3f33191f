#include "pipelines/tools/training/step_plan.hpp"

#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <numeric>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t batches_in_a_pool = 50;

using generator = education::measures::row_generator;

/// Where batches end in examples sorted by cost.
std::vector<std::size_t> ends_by_tokens(std::span<const std::size_t> sorted, std::size_t tokens) {
  std::vector<std::size_t> ends;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && sum + sorted[i] > tokens) {
      ends.push_back(i);
      sum = 0;
    }
    sum += sorted[i];
  }
  if (!sorted.empty())
    ends.push_back(sorted.size());
  return ends;
}

std::vector<std::size_t> ends_by_rows(std::size_t examples, std::size_t rows) {
  std::vector<std::size_t> ends;
  for (std::size_t end = rows; end < examples; end += rows)
    ends.push_back(end);
  if (examples > 0)
    ends.push_back(examples);
  return ends;
}

} // namespace

std::vector<example_batch> epoch_batches(std::span<const std::size_t> costs, const batch_size& size,
                                         std::uint64_t seed, std::size_t epoch) {
  generator random{seed_of(seed, epoch, 0)};
  std::vector<std::uint32_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0U);
  random.shuffle(std::span{order});
  const auto pool = size.tokens > 0 ? std::max<std::size_t>(costs.size(), 1) : size.rows * batches_in_a_pool;
  for (std::size_t begin = 0; begin < order.size(); begin += pool) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min(begin + pool, order.size()));
    std::stable_sort(first, last, [costs](std::uint32_t a, std::uint32_t b) { return costs[a] < costs[b]; });
  }
  std::vector<std::size_t> ends;
  if (size.tokens > 0) {
    std::vector<std::size_t> sorted;
    sorted.reserve(order.size());
    for (const auto place : order)
      sorted.push_back(costs[place]);
    ends = ends_by_tokens(sorted, size.tokens);
  } else {
    ends = ends_by_rows(order.size(), size.rows);
  }
  std::vector<example_batch> batches;
  std::size_t begin = 0;
  for (const auto end : ends) {
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  random.shuffle(std::span{batches});
  return batches;
}

std::size_t steps_of(std::span<const std::size_t> costs, const batch_size& size, std::size_t accumulate) {
  std::size_t batches = 0;
  if (size.tokens > 0) {
    std::vector<std::size_t> sorted(costs.begin(), costs.end());
    std::sort(sorted.begin(), sorted.end());
    batches = ends_by_tokens(sorted, size.tokens).size();
  } else {
    batches = ends_by_rows(costs.size(), size.rows).size();
  }
  return (batches + accumulate - 1) / accumulate;
}

double linear_schedule(std::size_t step, std::size_t steps, std::size_t warmup) {
  if (step < warmup)
    return static_cast<double>(step + 1) / static_cast<double>(warmup);
  return step < steps
             ? static_cast<double>(steps - step) / static_cast<double>(std::max<std::size_t>(steps - warmup, 1))
             : 0;
}

std::uint64_t seed_of(std::uint64_t seed, std::size_t step, std::size_t batch) {
  generator random{seed * 0x9E3779B97F4A7C15 + (std::uint64_t{step} << 20) + batch};
  const std::uint64_t high = random.below(0xFFFFFFFF);
  return high << 32 | random.below(0xFFFFFFFF);
}

} // namespace chalkstream::pipelines::tools

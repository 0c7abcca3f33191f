#include "pipelines/tools/training/step_plan.hpp"

#include "education/measures/bootstrap.hpp"

#include <algorithm>
#include <numeric>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t batches_in_a_pool = 50;

using generator = education::measures::row_generator;

} // namespace

std::vector<example_batch> epoch_batches(std::span<const std::size_t> costs, std::size_t batch, std::uint64_t seed,
                                         std::size_t epoch) {
  generator random{seed_of(seed, epoch, 0)};
  std::vector<std::uint32_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0U);
  random.shuffle(std::span{order});
  const auto pool = batch * batches_in_a_pool;
  for (std::size_t begin = 0; begin < order.size(); begin += pool) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min(begin + pool, order.size()));
    std::stable_sort(first, last, [costs](std::uint32_t a, std::uint32_t b) { return costs[a] < costs[b]; });
  }
  std::vector<example_batch> batches;
  for (std::size_t begin = 0; begin < order.size(); begin += batch)
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(std::min(begin + batch, order.size())));
  random.shuffle(std::span{batches});
  return batches;
}

std::size_t steps_of(std::size_t examples, std::size_t batch, std::size_t accumulate) {
  const auto batches = (examples + batch - 1) / batch;
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

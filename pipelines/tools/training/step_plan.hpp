// Which examples make which step, and how far it goes. Everything follows from a seed and the epoch's number, so that
// a run can go on in the middle of an epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Examples computed together, by their places.
using example_batch = std::vector<std::uint32_t>;

struct batch_size {
  std::size_t rows = 32;
  /// Instead of rows: as many examples as cost no more together, one at least; 0: rows.
  std::size_t tokens = 0;
};

/// All examples once, in batches of similar cost, so that a batch has few different lengths. By rows they are
/// shuffled, cut into pools of 50 batches, sorted within each, and the batches are shuffled again; the last may be
/// smaller. By tokens all are sorted, those of one cost in an order of their own each time, so that every epoch has
/// as many batches.
std::vector<example_batch> epoch_batches(std::span<const std::size_t> costs, const batch_size& size,
                                         std::uint64_t seed, std::size_t epoch);

/// Steps of an epoch that takes `accumulate` batches at a time.
std::size_t steps_of(std::span<const std::size_t> costs, const batch_size& size, std::size_t accumulate);

/// What the learning rate is multiplied with at a step (from 0): up along a line over the first `warmup` steps, then
/// down along one that would reach 0 at `steps`.
double linear_schedule(std::size_t step, std::size_t steps, std::size_t warmup);

/// A seed of its own for each step and batch within it.
std::uint64_t seed_of(std::uint64_t seed, std::size_t step, std::size_t batch);

} // namespace chalkstream::pipelines::tools

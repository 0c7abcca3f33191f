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

/// All examples once, in batches of similar cost, so that a batch has few different lengths: they are shuffled, cut
/// into pools of 50 batches, sorted within each, and the batches are shuffled again. The last may be smaller.
std::vector<example_batch> epoch_batches(std::span<const std::size_t> costs, std::size_t batch, std::uint64_t seed,
                                         std::size_t epoch);

/// Steps of an epoch that takes `accumulate` batches at a time.
std::size_t steps_of(std::size_t examples, std::size_t batch, std::size_t accumulate);

/// What the learning rate is multiplied with at a step (from 0): up along a line over the first `warmup` steps, then
/// down along one that would reach 0 at `steps`.
double linear_schedule(std::size_t step, std::size_t steps, std::size_t warmup);

/// A seed of its own for each step and batch within it.
std::uint64_t seed_of(std::uint64_t seed, std::size_t step, std::size_t batch);

} // namespace chalkstream::pipelines::tools

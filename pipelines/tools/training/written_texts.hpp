// What a model writes to many prompts, greedily: how a training run sees what it has learnt so far.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Tokens without their prompts, in the order of the prompts, each of `longest` at most. Many at a time, each step of
/// all of them together. `done` hears of progress, from 0 to 1. Errors are the model's; out_of_memory for a prompt
/// that has no room even alone.
result<std::vector<std::vector<std::int32_t>>>
write_greedily(const model& by, std::span<const std::vector<std::int32_t>* const> prompts, std::size_t longest,
               const std::function<void(double)>& done);

} // namespace chalkstream::pipelines::tools

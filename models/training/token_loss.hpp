// How well a model says the tokens it should: cross-entropy over its vocabulary, and the way back. Logits are made
// and forgotten piece by piece: they stay in a core's reach, and so does a large vocabulary in memory.
#pragma once

#include <cstddef>
#include <functional>

namespace at {
class Tensor;
}

namespace chalkstream::models::training {

/// From states [rows, width] to logits [rows, vocabulary].
using output_map = std::function<at::Tensor(const at::Tensor& states)>;

/// The loss to `goals` [rows], of which a share `smoothing` goes to all words alike, summed and divided by `divisor`.
/// Its gradients are added to those of what `output` and the states were made of. Throws what LibTorch throws.
double learn_tokens(const at::Tensor& states, const at::Tensor& goals, std::size_t vocabulary, double smoothing,
                    double divisor, const output_map& output);

/// The sum alone, not smoothed.
double judge_tokens(const at::Tensor& states, const at::Tensor& goals, std::size_t vocabulary,
                    const output_map& output);

} // namespace chalkstream::models::training

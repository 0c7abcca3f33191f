// What a picture is drawn from.
#pragma once

#include "models/device.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace at {
class Tensor;
}

namespace chalkstream::models::drawing {

/// A seed of its own for each picture of a label.
std::uint64_t picture_seed(std::uint64_t seed, std::size_t label, std::size_t picture);

/// [seeds.size(), width] of mean 0 and deviation `spread`; a row follows from its seed alone. Throws what LibTorch
/// throws.
at::Tensor latents_of(std::span<const std::uint64_t> seeds, std::size_t width, double spread, const device& where);

} // namespace chalkstream::models::drawing

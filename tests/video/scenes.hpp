// What the clips of the tests show: slides with lines of words, and views in which something moves.
#pragma once

#include "core/model.hpp"

#include <cstddef>
#include <cstdint>

namespace chalkstream::test {

inline constexpr std::size_t scene_width = 320, scene_height = 180;

/// White, with dark lines of words; every number is another slide. A pen moves over it as `frame` goes.
picture slide(std::uint64_t number, std::size_t frame);

/// A view of coloured surfaces, of other colours for every number; all of it moves sideways by `speed` pixels a
/// frame.
picture view(std::uint64_t number, std::size_t frame, double speed = 1);

picture plain(std::uint8_t grey);

/// `share` of `b` over `a`, 0 to 1.
picture mixed(const picture& a, const picture& b, double share);

/// Each pixel the mean of those up to `radius` away.
picture blurred(const picture& of, int radius);

/// With noise as a camera has it, of up to `most` either way.
picture noisy(picture of, std::uint64_t seed, int most);

} // namespace chalkstream::test

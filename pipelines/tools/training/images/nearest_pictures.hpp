// How like real pictures drawn ones are.
#pragma once

#include "core/model.hpp"
#include "pipelines/tools/training/images/picture_set.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace chalkstream::pipelines::tools {

struct likeness {
  /// The share of real pictures whose nearest drawn one has their label; of several as near the first.
  double accuracy = 0;
  /// The root mean square of a pixel's distance (of 1) between a real picture and the nearest drawn one of its label,
  /// mean over the real ones.
  double distance = 0;
};

/// Of pictures of one size; each label of the real ones must be among the drawn ones' `labels`. `done` hears of
/// progress, from 0 to 1. Takes as long as pixels × real × drawn.
likeness likeness_of(const picture_set& real, std::span<const picture> drawn, std::span<const std::size_t> labels,
                     const std::function<void(double)>& done);

} // namespace chalkstream::pipelines::tools

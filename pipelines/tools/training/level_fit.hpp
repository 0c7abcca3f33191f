// From scores on one scale to ordered levels: where the levels are cut so that agreement with the teachers, by
// quadratic weighted kappa, is highest, and how sharp the cuts are so that the probabilities are most believable.
#pragma once

#include "models/ngrams/level_scale.hpp"

#include <cstddef>
#include <span>

namespace chalkstream::pipelines::tools {

/// `scores` should be of texts the model has not seen; `levels` below `count`, at least two, and as many. The cuts
/// begin where they give every level as many texts as it has, and move one after the other while that helps.
models::level_scale fit_levels(std::span<const double> scores, std::span<const std::size_t> levels,
                               std::size_t count);

} // namespace chalkstream::pipelines::tools

// What `chalkstream eval` prints: an evaluation as aligned tables.
#pragma once

#include "pipelines/tools/evaluation/evaluation.hpp"

#include <string>

namespace chalkstream::app {

/// The figures with their ranges; the subgroups, side by side with as many figures as fit into `width` and the rest
/// below; classes and confusion matrix, the matrix only where it fits. Names from the files have their control
/// characters replaced, so that they cannot steer a terminal.
std::string format_evaluation(const pipelines::tools::evaluation& made, std::size_t width);

} // namespace chalkstream::app

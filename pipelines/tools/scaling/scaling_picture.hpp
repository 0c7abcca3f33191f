// A comparison as inline SVG: what came, and how many replicas, how long what waited took to drain and who was late
// under each way of scaling; one above the other, over the same time. Colours come from the page's style sheet:
// classes ours, fixed, processor and lag beside those of every drawing.
#pragma once

#include "pipelines/tools/scaling/comparison.hpp"

#include <string>

namespace chalkstream::pipelines::tools {

std::string scaling_picture(const scaling_comparison& of);

} // namespace chalkstream::pipelines::tools

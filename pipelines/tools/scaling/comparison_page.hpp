// Comparisons as one HTML page that needs nothing else: tables and pictures, no scripts, nothing fetched.
#pragma once

#include "pipelines/tools/scaling/comparison.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

/// A comparison's runs in the order in which they are shown, each with what it stands for.
std::vector<std::pair<std::string_view, const simulation_run*>> shown_runs(const scaling_comparison& of);

std::string to_page(std::span<const scaling_comparison> all);

} // namespace chalkstream::pipelines::tools

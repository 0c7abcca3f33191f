// Comparisons as JSON, for other programs.
#pragma once

#include "pipelines/tools/scaling/comparison.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace chalkstream::pipelines::tools {

/// {"seed", "traces": [{"trace", "records", "deadline_seconds", "saved", "runs": [{"what", "policy", …}],
/// "moments"}]}; moments are of ours.
std::string to_json(std::span<const scaling_comparison> all, std::uint64_t seed);

} // namespace chalkstream::pipelines::tools

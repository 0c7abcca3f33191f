// Pictures of what results of recognition say: the images and clips that were sent, with the lines and classes that
// came back.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/samples.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace chalkstream::pipelines::tools {

/// Finds each result's event by its id and draws what the result says into `folder` (made where it is not there):
/// "<pipeline>-<event>-p1.png" for each page of a file, or each segment of a clip. Results of other kinds, of a
/// clip's parts, and of events that are not there or have their file elsewhere are left out. Gives how many pictures
/// were written. Blocks while it decodes.
result<std::size_t> annotate_results(std::span<const sample> events, std::span<const std::string> results,
                                     const std::filesystem::path& folder);

} // namespace chalkstream::pipelines::tools

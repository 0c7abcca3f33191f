// The part of a pipeline's configuration that is about clips.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Reads `clips` and `review_below`. Folders are taken as they are written.
void read_clips(config_section& pipeline, pipeline_configuration& into);

/// As YAML that reads back the same, each line with its indentation.
std::string describe_clips(const pipeline_configuration& p);

} // namespace chalkstream::pipelines

// The part of a pipeline's configuration that is about images.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Reads `images` and `lines`, and makes room for them in max_bytes. Folders are taken as they are written.
void read_images(config_section& pipeline, pipeline_configuration& into);

/// Reads `labels` and the `prompt` they go into.
void read_labels(config_section& pipeline, pipeline_configuration& into);

/// As YAML that reads back the same, each line with its indentation.
std::string describe_images(const pipeline_configuration& p);

} // namespace chalkstream::pipelines

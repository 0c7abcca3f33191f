// The part of a pipeline's configuration that is about what people make of grades.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Reads `grades`, `remembered`, `steps` and `tenant`.
void read_overrides(config_section& pipeline, pipeline_configuration& into);

/// As YAML that reads back the same, each line with its indentation.
std::string describe_overrides(const pipeline_configuration& p);

} // namespace chalkstream::pipelines

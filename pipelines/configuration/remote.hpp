// The part of a pipeline's configuration that is about files of other machines.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Reads `remote` of `images` or `clips`. Files are taken as they are written.
void read_remote(config_section& files, pipeline_configuration& into);

/// ", remote: {…}" as YAML that reads back the same; empty where there is none.
std::string describe_remote(const pipeline_configuration& p);

} // namespace chalkstream::pipelines

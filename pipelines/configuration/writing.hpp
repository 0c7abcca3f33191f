// The part of a pipeline's configuration that is about a model that writes.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Reads `writing`, and what the kind has beside it: `prompt` of feedback and of answers that are written, the languages
/// of a translation.
void read_writing(config_section& pipeline, pipeline_configuration& into);

/// As YAML that reads back the same, each line with its indentation.
std::string describe_writing(const pipeline_configuration& p);

} // namespace chalkstream::pipelines

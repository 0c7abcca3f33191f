// Which keys of a pipeline's configuration belong to which kinds.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

namespace chalkstream::pipelines {

/// Says of every key that is there and belongs to other kinds which those are.
void refuse_foreign_keys(config_section& pipeline, pipeline_kind kind);

/// Every key that some kind has counts as known, for a pipeline whose kind is not.
void take_kind_keys(config_section& pipeline);

} // namespace chalkstream::pipelines

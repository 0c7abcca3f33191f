// The keys of `monitoring` beside its address.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// `groups`: what committed results are counted by.
void read_groups(config_section& monitoring, configuration& into);

/// `traces`: where spans are sent.
void read_traces(config_section& monitoring, configuration& into);

/// ", groups: {…}, traces: {…}", of what there is.
std::string describe_monitoring(const configuration& all);

} // namespace chalkstream::pipelines

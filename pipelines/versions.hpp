// What the engine is built on, for --version and chalkstream_build_info.
#pragma once

#include "monitoring/process_probe.hpp"

namespace chalkstream::pipelines {

monitoring::build_facts build_facts();

} // namespace chalkstream::pipelines

// The program's version and those of what it runs on.
#pragma once

#include "monitoring/process_probe.hpp"

#include <string>

namespace chalkstream::app {

monitoring::build_facts build_facts();

/// "chalkstream 0.1.0 (CAF 0.17.6, librdkafka 2.14.2, LibTorch 2.11.0)"
std::string version_text();

} // namespace chalkstream::app

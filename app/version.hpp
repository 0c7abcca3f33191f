// What `--version` says.
#pragma once

#include <string>

namespace chalkstream::app {

/// "chalkstream 0.1.0 (CAF 0.17.6, librdkafka 2.14.2, LibTorch 2.11.0)"
std::string version_text();

} // namespace chalkstream::app

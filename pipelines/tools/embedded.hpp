// The embedded broker on its own.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"

#include <functional>
#include <string>

namespace chalkstream::pipelines::tools {

/// Starts it, calls `started` with its address, and keeps it until `over()` says so. Blocks.
result<void> run_embedded_broker(log& journal, const std::function<void(const std::string& address)>& started,
                                 const std::function<bool()>& over);

} // namespace chalkstream::pipelines::tools

// How a command says what went wrong, and which exit status that is.
#pragma once

#include "core/error.hpp"

namespace chalkstream::app {

/// Prints the message on standard error. Usage and configuration are 2, everything else is 1.
int report_failure(const error& why);

} // namespace chalkstream::app

// Where the tests of parity and learning compute: on the CPU, or on the GPU that CHALK_TEST_DEVICE names.
#pragma once

#include "models/device.hpp"

#include <string>

namespace chalkstream::models::testing {

/// "cpu" unless CHALK_TEST_DEVICE says "cuda" or "cuda:1". Where there is no such device the program ends with status
/// 77, which ctest calls not run.
const std::string& device_under_test();

/// The same as a device, usable.
device usable_device_under_test();

} // namespace chalkstream::models::testing

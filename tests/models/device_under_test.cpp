#include "tests/models/device_under_test.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace chalkstream::models::testing {
namespace {

std::string asked_device() {
  const char* named = std::getenv("CHALK_TEST_DEVICE");
  const std::string name = named != nullptr ? named : "cpu";
  const auto parsed = parse_device(name);
  const auto usable = parsed ? prepare_device(*parsed) : result<void>(parsed.error());
  if (!usable) {
    std::cout << "CHALK_TEST_DEVICE=" << name << ": " << usable.error().message << '\n';
    std::exit(usable.error().code == errc::unavailable ? 77 : 1);
  }
  return name;
}

// Before any test computes: models/device.hpp says why.
struct early_device : ::testing::Environment {
  void SetUp() override { device_under_test(); }
};
[[maybe_unused]] const auto* const early = ::testing::AddGlobalTestEnvironment(new early_device);

} // namespace

const std::string& device_under_test() {
  static const std::string name = asked_device();
  return name;
}

device usable_device_under_test() {
  return parse_device(device_under_test()).value();
}

} // namespace chalkstream::models::testing

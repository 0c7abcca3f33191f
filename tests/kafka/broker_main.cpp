#include "tests/kafka/isolation.hpp"
#include "tests/kafka/real_broker.hpp"

#include <gtest/gtest.h>

#include <iostream>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  chalkstream::test::isolate_network();
  if (const auto missing = chalkstream::test::real_broker::what_is_missing(); !missing.empty()) {
    std::cerr << "no real broker, no verdict: " << missing << '\n';
    return 1;
  }
  return RUN_ALL_TESTS();
}

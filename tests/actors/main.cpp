#include "actors/messages.hpp"

#include <gtest/gtest.h>

int main(int argc, char** argv) {
  chalkstream::register_message_types<caf::id_block::chalkstream_actors>();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

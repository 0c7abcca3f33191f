#include "models/text/base64.hpp"

#include <gtest/gtest.h>

namespace chalkstream::text {
namespace {

TEST(base64_test, reads_the_standards_own_examples) {
  EXPECT_EQ(decode_base64("").value(), "");
  EXPECT_EQ(decode_base64("Zg==").value(), "f");
  EXPECT_EQ(decode_base64("Zm8=").value(), "fo");
  EXPECT_EQ(decode_base64("Zm9vYmFy").value(), "foobar");
  EXPECT_EQ(decode_base64("+/8A").value(), std::string("\xfb\xff\0", 3));
}

TEST(base64_test, refuses_what_is_not_written_so) {
  for (const char* wrong : {"Zg", "Zg=", "Zh==", "Z===", "Zm9v\n", "Zm-_", "Zg==Zg=="})
    EXPECT_EQ(decode_base64(wrong).error().code, errc::corrupt) << wrong;
}

} // namespace
} // namespace chalkstream::text

#include "core/base64.hpp"

#include <gtest/gtest.h>

namespace chalkstream {
namespace {

TEST(base64_test, reads_the_standards_own_examples) {
  EXPECT_EQ(decode_base64("").value(), "");
  EXPECT_EQ(decode_base64("Zg==").value(), "f");
  EXPECT_EQ(decode_base64("Zm8=").value(), "fo");
  EXPECT_EQ(decode_base64("Zm9v").value(), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg==").value(), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE=").value(), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy").value(), "foobar");
  EXPECT_EQ(decode_base64("+/8A").value(), std::string("\xfb\xff\0", 3));
}

TEST(base64_test, refuses_what_is_not_written_so) {
  for (const char* wrong : {"Z", "Zg", "Zg=", "Zm9v ", " Zm9v", "====", "=Zg=", "Zm\xc3\xa4", "Zm9v=", "Zh==", "Z===", "Zm9v\n", "Zm-_", "Zg==Zg=="})
    EXPECT_EQ(decode_base64(wrong).error().code, errc::corrupt) << wrong;
}

TEST(base64_test, writes_what_it_reads) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("f"), "Zg==");
  EXPECT_EQ(encode_base64("fo"), "Zm8=");
  EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
  std::string every;
  for (int i = 0; i < 256; ++i)
    every.push_back(static_cast<char>(i));
  EXPECT_EQ(decode_base64(encode_base64(every)).value(), every);
}

} // namespace
} // namespace chalkstream

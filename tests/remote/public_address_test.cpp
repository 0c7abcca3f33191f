#include "pipelines/remote/public_address.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>

namespace chalkstream::pipelines::remote {
namespace {

bool is_public_text(const std::string& text) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1)
    return is_public(reinterpret_cast<const sockaddr&>(v6));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, text.c_str(), &v4.sin_addr), 1) << text;
  return is_public(reinterpret_cast<const sockaddr&>(v4));
}

TEST(public_address_test, knows_what_is_within) {
  for (const auto* within : {"0.0.0.0",
                             "0.1.2.3",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.255.255",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.7",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::127.0.0.1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::7f00:1",
                             "64:ff9b:1::1",
                             "100::1",
                             "fc00::1",
                             "fdff::1",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1",
                             "2001::1",
                             "2001:1ff::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "3fff::1",
                             "4000::1",
                             "5f00::1"})
    EXPECT_FALSE(is_public_text(within)) << within;
}

TEST(public_address_test, knows_what_is_public) {
  for (const auto* outside :
       {"1.1.1.1",      "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1",    "169.253.255.255", "172.15.255.255",  "172.32.0.0",     "192.0.1.1",   "192.167.0.1",
        "198.17.0.1",   "198.20.0.1",      "223.255.255.255", "2600::1",        "2001:200::1", "2001:4860:4860::8888",
        "2a00:1450::1", "::ffff:1.1.1.1",  "64:ff9b::101:101"})
    EXPECT_TRUE(is_public_text(outside)) << outside;
}

TEST(public_address_test, knows_no_other_family) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(is_public(other));
}

} // namespace
} // namespace chalkstream::pipelines::remote

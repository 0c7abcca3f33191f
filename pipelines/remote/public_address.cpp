#include "pipelines/remote/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <netinet/in.h>
#include <span>

namespace chalkstream::pipelines::remote {

namespace {

using bytes = std::span<const std::uint8_t>;

/// The first `length` bits of its addresses.
struct block {
  std::array<std::uint8_t, 12> bits;
  unsigned length;
};

bool lies_in(bytes address, const block& of) {
  const auto whole = of.length / 8;
  const auto rest = of.length % 8;
  return std::equal(of.bits.begin(), of.bits.begin() + whole, address.begin())
         && (rest == 0 || (address[whole] >> (8 - rest)) == (of.bits[whole] >> (8 - rest)));
}

bool lies_in_one(bytes address, std::initializer_list<block> of) {
  return std::ranges::any_of(of, [&](const block& one) { return lies_in(address, one); });
}

bool is_public_v4(bytes address) {
  return !lies_in_one(address, {{{0}, 8},             // this network
                                {{10}, 8},            // private
                                {{100, 64}, 10},      // shared by carriers
                                {{127}, 8},           // loopback
                                {{169, 254}, 16},     // link-local, metadata of clouds
                                {{172, 16}, 12},      // private
                                {{192, 0, 0}, 24},    // protocol assignments
                                {{192, 0, 2}, 24},    // documentation
                                {{192, 88, 99}, 24},  // relays of 6to4
                                {{192, 168}, 16},     // private
                                {{198, 18}, 15},      // benchmarks
                                {{198, 51, 100}, 24}, // documentation
                                {{203, 0, 113}, 24},  // documentation
                                {{224}, 3}});         // multicast, reserved, broadcast
}

bool is_public_v6(bytes address) {
  constexpr block mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr block nat64{{0, 0x64, 0xff, 0x9b}, 96};
  if (lies_in(address, mapped) || lies_in(address, nat64))
    return is_public_v4(address.last(4));
  return lies_in(address, {{0x20}, 3})
         && !lies_in_one(address, {{{0x20, 0x01, 0x00}, 23},       // Teredo and other assignments
                                   {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
                                   {{0x20, 0x02}, 16},             // 6to4, which has IPv4 inside
                                   {{0x3f, 0xff, 0x00}, 20}});     // documentation
}

} // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    std::array<std::uint8_t, 4> v4{};
    std::memcpy(v4.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, v4.size());
    return is_public_v4(v4);
  }
  if (address.sa_family == AF_INET6) {
    std::array<std::uint8_t, 16> v6{};
    std::memcpy(v6.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, v6.size());
    return is_public_v6(v6);
  }
  return false;
}

} // namespace chalkstream::pipelines::remote

// What goldens are told by, and what test inputs are made of; the scripts that make goldens have the same.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace chalkstream::test {

/// The CRC-32 of zlib, byte by byte.
class checksum {
public:
  void add(std::string_view bytes) {
    static const auto table = [] {
      std::array<std::uint32_t, 256> made{};
      for (std::uint32_t n = 0; n < 256; ++n) {
        made[n] = n;
        for (int bit = 0; bit < 8; ++bit)
          made[n] = made[n] & 1 ? 0xEDB88320U ^ made[n] >> 1 : made[n] >> 1;
      }
      return made;
    }();
    for (const char byte : bytes)
      state_ = table[(state_ ^ static_cast<unsigned char>(byte)) & 0xFF] ^ state_ >> 8;
  }
  void add_number(std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) {
      const char byte = static_cast<char>(number >> shift & 0xFF);
      add({&byte, 1});
    }
  }
  std::uint32_t value() const { return ~state_; }

private:
  std::uint32_t state_ = ~0U;
};

/// splitmix64, as the scripts that make goldens have it.
class random_numbers {
public:
  explicit random_numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % bound;
  }

private:
  std::uint64_t state_;
};

} // namespace chalkstream::test

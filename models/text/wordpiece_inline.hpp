// The parts of wordpiece::find that must be inlined into the tokenizer's loop.
#pragma once

#include <array>
#include <cstring>

#include "models/text/wordpiece.hpp"

namespace chalkstream::text {

inline wordpiece::key wordpiece::load(const char* word, std::size_t size) noexcept {
  struct masks {
    std::array<std::uint64_t, find_reads + 1> low{}, high{};
    constexpr masks() {
      for (std::size_t n = 0; n <= find_reads; ++n) {
        low[n] = n >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * n)) - 1;
        high[n] = n >= 16 ? ~std::uint64_t{0} : n <= 8 ? 0 : (std::uint64_t{1} << (8 * (n - 8))) - 1;
      }
    }
  };
  static constexpr masks keep;
  key bytes;
  std::memcpy(&bytes, word, sizeof(bytes));
  bytes.low &= keep.low[size];
  bytes.high &= keep.high[size];
  return bytes;
}

inline std::size_t wordpiece::hash(const key& bytes, std::size_t size) noexcept {
  std::uint64_t h = (bytes.low ^ size) * 0x9E3779B97F4A7C15U;
  h ^= h >> 32;
  h = (h ^ bytes.high) * 0xD6E8FEB86659FD93U;
  return h ^ h >> 32;
}

} // namespace chalkstream::text

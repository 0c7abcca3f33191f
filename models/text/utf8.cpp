#include "models/text/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace chalkstream::text {

namespace {

/// Length of the well-formed sequence at `at`, or 0.
std::size_t well_formed_length(const unsigned char* at, std::size_t left) noexcept {
  const unsigned char lead = at[0];
  if (lead < 0x80)
    return 1;
  auto tail = [&](std::size_t k) { return (at[k] & 0xC0) == 0x80; };
  if (lead < 0xC2)
    return 0;
  if (lead < 0xE0)
    return left >= 2 && tail(1) ? 2 : 0;
  if (lead < 0xF0) {
    if (left < 3 || !tail(1) || !tail(2))
      return 0;
    const bool overlong = lead == 0xE0 && at[1] < 0xA0;
    const bool surrogate = lead == 0xED && at[1] >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead > 0xF4 || left < 4 || !tail(1) || !tail(2) || !tail(3))
    return 0;
  const bool overlong = lead == 0xF0 && at[1] < 0x90;
  const bool too_large = lead == 0xF4 && at[1] >= 0x90;
  return overlong || too_large ? 0 : 4;
}

/// Length of the longest beginning of a well-formed sequence at `at`, which holds none: 1 at least.
std::size_t broken_length(const unsigned char* at, std::size_t left) noexcept {
  constexpr unsigned char fillers[] = {0x80, 0x90, 0xA0, 0xBF};
  std::size_t longest = 1;
  // A beginning can be completed with one of these; what comes behind the second byte is free.
  for (std::size_t size = 1; size < std::min<std::size_t>(left + 1, 4); ++size)
    for (const unsigned char filler : fillers) {
      unsigned char tried[4] = {filler, filler, filler, filler};
      std::copy_n(at, size, tried);
      if (well_formed_length(tried, sizeof(tried)) > size)
        longest = size;
    }
  return longest;
}

} // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    while (end - at >= 8) {
      std::uint64_t block;
      std::memcpy(&block, at, sizeof(block));
      if ((block & 0x8080808080808080U) != 0)
        break;
      at += 8;
    }
    // Text in one script is dense: stay with single sequences for a while before trying blocks again.
    for (int k = 0; k < 16 && at < end; ++k) {
      const std::size_t length = well_formed_length(at, static_cast<std::size_t>(end - at));
      if (length == 0)
        return false;
      at += length;
    }
  }
  return true;
}

std::u32string decoded(std::string_view text) {
  std::u32string out;
  for (const char* at = text.data(); at < text.data() + text.size();)
    out.push_back(decode_utf8(at));
  return out;
}

std::string repaired_utf8(std::string_view bytes) {
  std::string out;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = at + bytes.size();
  while (at < end) {
    const auto left = static_cast<std::size_t>(end - at);
    const std::size_t length = well_formed_length(at, left);
    if (length != 0)
      out.append(reinterpret_cast<const char*>(at), length);
    else
      out.append("\xEF\xBF\xBD");
    at += length != 0 ? length : broken_length(at, left);
  }
  return out;
}

} // namespace chalkstream::text

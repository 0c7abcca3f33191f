// UTF-8 as the tokenizer needs it: one strict check at the door, then decoding that trusts its input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chalkstream::text {

/// True when every byte belongs to a well-formed sequence (Unicode 15, table 3-7: no overlong forms, no surrogates,
/// nothing above U+10FFFF). Linear; skips ASCII eight bytes at a time.
bool is_valid_utf8(std::string_view text) noexcept;

/// The bytes as valid UTF-8: U+FFFD for every longest beginning of a sequence that breaks off, and for every byte
/// that begins none (Unicode's recommended practice).
std::string repaired_utf8(std::string_view bytes);

/// Bytes in the sequence that `lead` starts; `lead` comes from valid UTF-8.
constexpr std::size_t utf8_length(unsigned char lead) noexcept {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/// Decodes one code point of valid UTF-8 and moves `at` behind it.
inline char32_t decode_utf8(const char*& at) noexcept {
  auto byte = [&](std::size_t k) { return static_cast<char32_t>(static_cast<unsigned char>(at[k])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) {
    at += 1;
    return lead;
  }
  if (lead < 0xE0) {
    const char32_t cp = (lead & 0x1F) << 6 | (byte(1) & 0x3F);
    at += 2;
    return cp;
  }
  if (lead < 0xF0) {
    const char32_t cp = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    at += 3;
    return cp;
  }
  const char32_t cp = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  at += 4;
  return cp;
}

/// The code points of valid UTF-8.
std::u32string decoded(std::string_view text);

/// Writes `cp` (a Unicode scalar value) to `out`, which has room for four bytes; returns how many were written.
inline std::size_t encode_utf8(char32_t cp, char* out) noexcept {
  auto put = [&](std::size_t k, char32_t value) { out[k] = static_cast<char>(static_cast<unsigned char>(value)); };
  if (cp < 0x80) {
    put(0, cp);
    return 1;
  }
  if (cp < 0x800) {
    put(0, 0xC0 | cp >> 6);
    put(1, 0x80 | (cp & 0x3F));
    return 2;
  }
  if (cp < 0x10000) {
    put(0, 0xE0 | cp >> 12);
    put(1, 0x80 | (cp >> 6 & 0x3F));
    put(2, 0x80 | (cp & 0x3F));
    return 3;
  }
  put(0, 0xF0 | cp >> 18);
  put(1, 0x80 | (cp >> 12 & 0x3F));
  put(2, 0x80 | (cp >> 6 & 0x3F));
  put(3, 0x80 | (cp & 0x3F));
  return 4;
}

/// Code points in valid UTF-8.
inline std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text)
    count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

} // namespace chalkstream::text

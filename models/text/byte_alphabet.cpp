#include "models/text/byte_alphabet.hpp"

#include <array>
#include <charconv>

#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

constexpr std::size_t alphabet_end = 0x144;

struct alphabet {
  std::array<char32_t, 256> of_byte{};
  std::array<std::int16_t, alphabet_end> of_character{}; // -1: stands for nothing

  constexpr alphabet() {
    of_character.fill(-1);
    char32_t next = 0x100;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const bool printable = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
      of_byte[byte] = printable ? static_cast<char32_t>(byte) : next++;
      of_character[of_byte[byte]] = static_cast<std::int16_t>(byte);
    }
  }
};

constexpr alphabet letters;

} // namespace

char32_t byte_character(unsigned char byte) noexcept {
  return letters.of_byte[byte];
}

std::optional<unsigned char> character_byte(char32_t cp) noexcept {
  if (cp >= alphabet_end || letters.of_character[cp] < 0)
    return std::nullopt;
  return static_cast<unsigned char>(letters.of_character[cp]);
}

void spell_bytes(const normalized_text::character& each, std::vector<normalized_text::character>& out) {
  char bytes[4];
  const std::size_t size = encode_utf8(each.cp, bytes);
  for (std::size_t k = 0; k < size; ++k)
    out.push_back({byte_character(static_cast<unsigned char>(bytes[k])), each.begin, each.end});
}

std::string byte_token(unsigned char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'<', '0', 'x', digits[byte >> 4], digits[byte & 0xF], '>'};
}

std::optional<unsigned char> token_byte(std::string_view token) noexcept {
  if (token.size() != 6 || token.substr(0, 3) != "<0x" || token[5] != '>')
    return std::nullopt;
  // The reference reads these two as Rust does, which takes a plus sign for the first.
  const char* from = token.data() + (token[3] == '+' ? 4 : 3);
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(from, token.data() + 5, value, 16);
  if (failed != std::errc() || end != token.data() + 5)
    return std::nullopt;
  return static_cast<unsigned char>(value);
}

} // namespace chalkstream::text

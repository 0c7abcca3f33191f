// The two spellings tokenizers have for a byte: as one printable character (GPT-2's byte-level alphabet, all of it
// below U+0144) and as a token like <0x0A>.
// Source: https://github.com/openai/gpt-2, encoder.py; SentencePiece's byte_fallback.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/text/normalized_text.hpp"

namespace chalkstream::text {

/// The character that stands for `byte`.
char32_t byte_character(unsigned char byte) noexcept;
/// The byte that `cp` stands for.
std::optional<unsigned char> character_byte(char32_t cp) noexcept;
/// Appends the characters that stand for the bytes of `each`.
void spell_bytes(const normalized_text::character& each, std::vector<normalized_text::character>& out);
/// What a space becomes.
inline constexpr char32_t byte_level_space = U'\u0120';

/// "<0x0A>".
std::string byte_token(unsigned char byte);
/// The byte a token like <0x0A> (or <0x0a>) means.
std::optional<unsigned char> token_byte(std::string_view token) noexcept;

} // namespace chalkstream::text

// SentencePiece's precompiled_charsmap: a double array over UTF-8 whose values point into a list of replacements.
// The bytes come with a model and are not trusted: whatever they say, a lookup stays inside them.
// Source of the format: https://github.com/google/sentencepiece, normalizer.cc; of the rules of replacing: Hugging
// Face `tokenizers`, Precompiled.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/normalized_text.hpp"

namespace chalkstream::text {

/// Immutable; thread-safe.
class charsmap {
public:
  /// `bytes`: u32 size of the double array, the array, the replacements (UTF-8, each ended by a zero byte); numbers
  /// are little-endian. `corrupt` otherwise.
  static result<charsmap> parse(std::string_view bytes);
  /// Likewise from base64, as tokenizer.json has it.
  static result<charsmap> parse_base64(std::string_view text);

  /// What `part` becomes: the replacement of its shortest beginning that has one. Nothing when none has, and when
  /// the replacement lies outside the list or begins inside a character.
  std::optional<std::string_view> find(std::span<const normalized_text::character> part) const;

  struct match {
    std::size_t characters; // of the text
    std::string_view becomes;
  };
  /// The longest beginning of `text` that has a replacement, as SentencePiece itself looks for it.
  std::optional<match> longest(std::span<const normalized_text::character> text) const;

  /// Only clusters of fewer than six bytes are looked up as a whole.
  static bool is_short(std::span<const normalized_text::character> cluster);

private:
  charsmap() = default;
  /// Moves `at` along a byte; nothing when no key continues so, otherwise whether a key ends here.
  std::optional<bool> step(std::size_t& at, char byte) const;
  /// Of the key that ends at `at`.
  std::optional<std::string_view> replacement(std::size_t at) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

} // namespace chalkstream::text

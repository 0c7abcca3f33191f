// How SentencePiece prepares a text for its pieces: replacements by the model's own character map, no spaces at the
// ends and none in a row, spaces as U+2581, one of them before the text. Tokenizers made from a model file do the
// same in steps that differ in rare texts; this is the library's own way. Source of the rules:
// https://github.com/google/sentencepiece, normalizer.cc
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "models/text/byte_trie.hpp"
#include "models/text/charsmap.hpp"
#include "models/text/normalized_text.hpp"

namespace chalkstream::text {

inline constexpr char32_t piece_space = U'\u2581';

/// Immutable; thread-safe. Linear in the text, but for a factor of the longest replacement's length.
class piece_normalizer {
public:
  enum class dummy_space : std::uint8_t {
    none,
    first,  // before a text, not before what follows an added token
    always, // before every stretch
    last,   // behind every stretch
  };
  struct rules {
    std::shared_ptr<const charsmap> map; // null: characters stay as they are
    std::vector<std::string> kept;       // pieces that no replacement touches
    dummy_space dummy = dummy_space::always;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
  };

  /// Errors as byte_trie's: a kept piece that is empty, there twice or too long.
  static result<piece_normalizer> build(const rules& of);

  /// Each character ends where the next one begins, so that a token stands for the text up to the next token.
  void apply(normalized_text& text, std::vector<normalized_text::character>& work) const;

private:
  explicit piece_normalizer(const rules& of);
  struct match;
  match next(std::span<const normalized_text::character> text) const;
  bool is_space(std::span<const normalized_text::character> text, std::size_t& size) const;

  std::shared_ptr<const charsmap> map_;
  byte_trie kept_;
  dummy_space dummy_;
  bool removes_;
  char32_t space_;
};

} // namespace chalkstream::text

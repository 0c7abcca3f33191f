// The simplest model: a word is a token or it is unknown. Immutable; thread-safe.
// Source of the rules: Hugging Face `tokenizers`, WordLevel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/byte_trie.hpp"
#include "models/text/token_piece.hpp"

namespace chalkstream::text {

struct word_level_description {
  std::vector<std::string> vocabulary; // by id
  std::string unknown_token;           // may be outside the vocabulary, while no word is
};

class word_level {
public:
  /// `corrupt` when a token stands in the vocabulary twice.
  static result<word_level> build(const word_level_description& description);

  std::size_t vocabulary_size() const noexcept { return vocabulary_size_; }
  std::int32_t unknown_id() const noexcept { return unknown_id_; } // -1: none

  /// The non-empty word as one piece, in `out` (cleared first). False when it is unknown and nothing stands for that.
  bool split(std::string_view word, std::vector<token_piece>& out) const;

private:
  word_level() = default;

  byte_trie trie_;
  std::size_t vocabulary_size_ = 0;
  std::int32_t unknown_id_ = -1;
};

} // namespace chalkstream::text

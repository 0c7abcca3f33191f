// What becomes of SentencePiece's pieces once a text is cut: unknown characters in a row are one token, or fall back
// to bytes, and the model's own ids take the place of the file's.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/sentencepiece_file.hpp"
#include "models/text/token_piece.hpp"

namespace chalkstream::text {

/// Immutable; thread-safe.
class piece_numbering {
public:
  /// `ids`: by piece, its id in the model.
  piece_numbering(const sentencepiece_file& file, std::vector<std::int32_t> ids);

  /// Turns `pieces` of `word` into tokens. Of a character's bytes only the last one stands for the character; the
  /// others stand for nothing: so SentencePiece has it.
  void apply(std::string_view word, std::vector<token_piece>& pieces, std::vector<token_piece>& work) const;

  std::int32_t unknown_id() const noexcept { return ids_[static_cast<std::size_t>(unknown_)]; }

private:
  std::vector<std::int32_t> ids_;
  std::array<std::int32_t, 256> bytes_{}; // by byte: its piece
  std::int32_t unknown_ = 0;              // piece
  bool byte_fallback_ = false;
};

} // namespace chalkstream::text

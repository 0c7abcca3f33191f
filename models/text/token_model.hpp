// A tokenizer's model, whichever it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "models/text/bpe.hpp"
#include "models/text/piece_merge.hpp"
#include "models/text/piece_numbering.hpp"
#include "models/text/token_piece.hpp"
#include "models/text/unigram.hpp"
#include "models/text/word_level.hpp"
#include "models/text/wordpiece.hpp"

namespace chalkstream::text {

/// A SentencePiece model, and the ids its pieces have in the model they are for.
struct piece_description {
  std::vector<std::string> vocabulary; // by the model's ids
  std::shared_ptr<const sentencepiece_file> file;
  std::vector<std::int32_t> ids; // by piece
};

using model_description = std::variant<wordpiece_description, bpe_description, unigram_description,
                                       word_level_description, piece_description>;

/// The description's tokens, by id.
const std::vector<std::string>& vocabulary_of(const model_description& description);

/// Immutable; thread-safe.
class token_model {
public:
  /// Working memory of split(), kept by the caller between calls.
  struct scratch {
    bpe::scratch merging;
    unigram::scratch searching;
    piece_merge::scratch joining;
    std::vector<token_piece> numbering;
  };

  /// Errors as the model's own build().
  static result<token_model> build(const model_description& description);

  std::size_t vocabulary_size() const noexcept { return vocabulary_size_; }
  std::int32_t unknown_id() const noexcept; // -1: none
  const wordpiece* as_wordpiece() const noexcept { return std::get_if<wordpiece>(&model_); }
  /// Unknown text keeps its own spelling, rather than the unknown token's.
  bool spells_unknown() const noexcept { return std::holds_alternative<unigram>(model_); }

  /// Cuts a non-empty word of valid UTF-8 into `out` (cleared first): its pieces in order. False when the model has
  /// no token for it.
  bool split(std::string_view word, std::vector<token_piece>& out, scratch& work) const;

private:
  using kinds = std::variant<wordpiece, bpe, unigram, word_level, piece_merge>;
  token_model(kinds model, std::size_t vocabulary_size)
      : model_(std::move(model)), vocabulary_size_(vocabulary_size) {}
  kinds model_;
  std::size_t vocabulary_size_;
  std::optional<piece_numbering> numbering_; // of a SentencePiece model
};

} // namespace chalkstream::text

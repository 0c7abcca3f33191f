// Byte-pair encoding as SentencePiece runs it: neighbouring parts of a text become one where they read like a piece,
// the piece of the highest score first. Unlike `bpe` it knows no list of merges: two parts that are no pieces
// themselves can become one. Immutable; thread-safe.
// Source of the rules: https://github.com/google/sentencepiece, bpe_model.cc
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"
#include "models/text/byte_trie.hpp"
#include "models/text/sentencepiece_file.hpp"
#include "models/text/token_piece.hpp"

namespace chalkstream::text {

class piece_merge {
public:
  /// Working memory of split(), kept by the caller between calls.
  struct scratch {
    struct part {
      std::uint32_t begin, size; // bytes; size 0: merged into the one before
      std::int32_t previous, next;
      byte_trie::state state; // behind its bytes, when `known`
      bool known;             // some piece begins like it
      bool whole;             // a user-defined piece: is merged with nothing
    };
    struct merge {
      float score;
      std::uint32_t left, right, size;
    };
    std::vector<part> parts;
    std::vector<merge> queue;
    std::unordered_map<std::int32_t, std::uint32_t> halves; // of an unused piece: the bytes of its first part
  };

  /// Errors as byte_trie's.
  static result<piece_merge> build(const sentencepiece_file& file);

  std::size_t vocabulary_size() const noexcept { return scores_.size(); }
  std::int32_t unknown_id() const noexcept { return unknown_id_; }

  /// Cuts a non-empty text of valid UTF-8 into `out` (cleared first); each unknown character is a piece.
  void split(std::string_view text, std::vector<token_piece>& out, scratch& work) const;

private:
  piece_merge() = default;
  void split_chunk(std::string_view text, std::uint32_t begin, std::uint32_t end, std::vector<token_piece>& out,
                   scratch& work) const;
  void spell(std::string_view text, std::uint32_t begin, std::uint32_t end, scratch& work) const;
  void offer(std::string_view text, std::int32_t left, std::int32_t right, scratch& work) const;
  void merge(std::string_view text, scratch& work) const;
  void append(std::string_view text, std::uint32_t begin, std::uint32_t size, std::vector<token_piece>& out,
              const scratch& work) const;

  byte_trie trie_;
  std::vector<float> scores_;      // by id
  std::vector<bool> user_defined_; // by id
  std::vector<bool> unused_;       // by id
  std::vector<bool> whole_;        // by id: a chunk that reads so is this one piece
  bool any_user_defined_ = false;
  bool any_unused_ = false;
  bool spaces_begin_pieces_ = true; // so that a text can be cut before them
  std::int32_t unknown_id_ = 0;
};

} // namespace chalkstream::text

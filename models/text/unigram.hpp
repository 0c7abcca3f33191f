// A unigram language model over pieces (Kudo 2018): of all ways to cut a word into pieces, the one whose scores add
// up to the most. One pass over the word with a trie, linear in it. Immutable; thread-safe.
// Source of the rules: Hugging Face `tokenizers`, Unigram; sums and comparisons in the same order, so that ties fall
// alike.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "models/text/byte_trie.hpp"
#include "models/text/sentencepiece_file.hpp"
#include "models/text/token_piece.hpp"

namespace chalkstream::text {

struct unigram_description {
  std::vector<std::string> vocabulary; // by id
  std::vector<double> scores;          // by id
  std::optional<std::size_t> unknown_id;
  bool byte_fallback = false; // unknown characters become <0x00> to <0xFF>
};

class unigram {
public:
  /// Working memory of split(), kept by the caller between calls.
  struct scratch {
    struct node { // the best way to a place in the word
      double score;
      std::int32_t id; // of the last piece; `no_way`: none known
      std::uint32_t begin;
    };
    std::vector<node> best;
  };

  /// `corrupt` when unknown_id is outside the vocabulary or a score is missing.
  static result<unigram> build(const unigram_description& description);
  /// The same model as SentencePiece runs it: sums have the precision of a float, which decides between ways that are
  /// nearly alike, and a user-defined piece has a score above all others.
  /// Source of the rules: https://github.com/google/sentencepiece, unigram_model.cc
  static result<unigram> build(const sentencepiece_file& file);

  std::size_t vocabulary_size() const noexcept { return scores_.size(); }
  std::int32_t unknown_id() const noexcept { return unknown_id_; } // -1: none

  /// Cuts a non-empty word of valid UTF-8 into `out` (cleared first). Neighbouring unknown characters are one piece;
  /// when they fall back to bytes, each byte's piece is as long as all of them. As SentencePiece runs it, each
  /// unknown character is a piece. False when there is one and nothing stands for the unknown.
  bool split(std::string_view word, std::vector<token_piece>& out, scratch& work) const;

private:
  unigram() = default;
  result<void> index(const std::vector<std::pair<std::string_view, std::int32_t>>& pieces);
  template <bool IsSentencePiece>
  bool search(std::string_view word, scratch& work) const;
  void append_unknown(std::string_view run, std::uint32_t begin, std::vector<token_piece>& out) const;

  byte_trie trie_;
  std::vector<double> scores_;
  std::array<std::int32_t, 256> byte_ids_{};
  double unknown_score_ = 0;
  std::int32_t unknown_id_ = -1;
  bool byte_fallback_ = false;
  bool is_sentencepiece_ = false;
};

} // namespace chalkstream::text

// Byte-pair encoding (Sennrich et al. 2016): a word's characters are merged pair by pair, the pair the training met
// most first. Words that are tokens and that merging turns into that one token are found out when the model is
// built; they cost one walk of a trie. Immutable; thread-safe.
// Source of the rules: Hugging Face `tokenizers`, BPE, with its treatment of unknown characters and stale pairs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "models/text/byte_trie.hpp"
#include "models/text/token_piece.hpp"

namespace chalkstream::text {

struct bpe_description {
  std::vector<std::string> vocabulary;                     // by id
  std::vector<std::pair<std::string, std::string>> merges; // the first is the strongest
  std::string unknown_token;                               // empty: characters outside the vocabulary are left out
  std::string continuing_prefix;                           // of every character of a word but the first
  std::string end_of_word_suffix;                          // of its last
  bool fuse_unknown = false;                               // neighbouring unknown characters are one token
  bool byte_fallback = false;                              // unknown characters become <0x00> to <0xFF>
  bool ignore_merges = false; // a word that is a token is that token, whatever merging says
};

class bpe {
public:
  /// Working memory of split(), kept by the caller between calls.
  struct scratch {
    struct symbol {
      std::int32_t id;
      std::uint32_t size; // bytes; 0: merged into the one before
      std::int32_t previous, next;
    };
    struct merge {
      std::uint32_t rank, at;
      std::int32_t id;
    };
    std::vector<symbol> symbols;
    std::vector<merge> queue;
    std::string spelled; // a character with its prefix and suffix
  };

  /// `corrupt` when a token stands in the vocabulary twice, or a merge or the unknown token is not in it;
  /// `unsupported` when byte_fallback meets a prefix or suffix.
  static result<bpe> build(const bpe_description& description);

  std::size_t vocabulary_size() const noexcept { return vocabulary_size_; }
  std::int32_t unknown_id() const noexcept { return unknown_id_; } // -1: none

  /// Cuts a non-empty word of valid UTF-8 into `out` (cleared first). Characters that are left out make the places
  /// of the pieces behind them too small, as in the reference.
  void split(std::string_view word, std::vector<token_piece>& out, scratch& work) const;

private:
  /// Pairs of ids to the merge they make. Open addressing, half full at most.
  class merge_table {
  public:
    struct cell {
      std::int32_t first = -1, second = -1; // -1: empty
      std::uint32_t rank = 0;
      std::int32_t id = 0;
    };
    explicit merge_table(std::size_t merges);
    /// A pair that is there already takes the new rank.
    void put(const cell& merge);
    const cell* find(std::int32_t first, std::int32_t second) const noexcept;

  private:
    std::size_t slot_of(std::int32_t first, std::int32_t second) const noexcept;
    std::vector<cell> cells_;
  };

  explicit bpe(std::size_t merges) : merges_(merges) {}
  void spell(std::string_view word, scratch& work) const;
  void merge(scratch& work) const;
  std::int32_t character_id(std::string_view word, std::size_t at, std::size_t size, scratch& work) const;
  bool fall_back(std::string_view character, scratch& work) const;

  byte_trie trie_;
  merge_table merges_;
  std::vector<bool> whole_;                     // by id: a word that reads so is this one token
  std::array<std::int32_t, 0x200> short_ids_{}; // by code point, of characters without prefix and suffix
  std::array<std::int32_t, 256> byte_ids_{};
  std::string prefix_, suffix_;
  std::size_t vocabulary_size_ = 0;
  std::int32_t unknown_id_ = -1;
  bool fuse_unknown_ = false;
  bool byte_fallback_ = false;
};

} // namespace chalkstream::text

// WordPiece (Schuster & Nakajima 2012; greedy longest match first, as BERT uses it): one word in, token ids out.
// Words that are in the vocabulary as a whole, most of them, cost one probe of a hash table that holds its keys
// inline; the rest is cut by walks of a trie. Immutable; thread-safe; find and split do not allocate beyond `out`.
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

struct wordpiece_description {
  std::vector<std::string> vocabulary; // by id
  std::string unknown_token = "[UNK]";
  std::string continuing_prefix = "##";
  std::size_t max_input_chars_per_word = 100;
};

class wordpiece {
public:
  /// Readable bytes a word handed to find() needs behind its first one.
  static constexpr std::size_t find_reads = 16;

  /// `corrupt` when the unknown token is not in the vocabulary or a token stands in it twice.
  static result<wordpiece> build(const wordpiece_description& description);

  std::size_t vocabulary_size() const noexcept { return vocabulary_size_; }
  std::int32_t unknown_id() const noexcept { return unknown_id_; }

  /// The id of a word that is a token of its own and not too long for the model, or -1. `word` points at
  /// `find_reads` readable bytes at least, whatever `size` is.
  std::int32_t find(const char* word, std::size_t size) const noexcept {
    if (size > find_reads || size > max_chars_)
      return -1; // at most a longer way: split() finds it too
    const key wanted = load(word, size);
    for (std::size_t slot = hash(wanted, size) & mask_;; slot = (slot + 1) & mask_) {
      const cell& at = cells_[slot];
      if (at.size == size && at.bytes.low == wanted.low && at.bytes.high == wanted.high)
        return at.id;
      if (at.size == 0)
        return -1;
    }
  }

  /// Cuts a non-empty word of valid UTF-8 into `out` (cleared first): its pieces in order, or the unknown token for
  /// the whole of it.
  void split(std::string_view word, std::vector<token_piece>& out) const;

private:
  struct key {
    std::uint64_t low, high;
  };
  struct cell {
    key bytes;
    std::int32_t id = -1;
    std::uint32_t size = 0; // 0: empty
  };

  wordpiece() = default;
  static key load(const char* word, std::size_t size) noexcept;
  static std::size_t hash(const key& bytes, std::size_t size) noexcept;

  std::vector<cell> cells_;
  std::size_t mask_ = 0;
  byte_trie trie_;
  byte_trie::state continuation_ = 0; // behind the prefix; meaningless unless has_continuation_
  bool has_continuation_ = false;
  std::size_t max_chars_ = 0;
  std::size_t vocabulary_size_ = 0;
  std::int32_t unknown_id_ = 0;
};

} // namespace chalkstream::text

#include "models/text/wordpiece_inline.hpp"

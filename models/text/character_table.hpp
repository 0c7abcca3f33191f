// What a tokenizer's normalizer and pre-tokenizer together make of each code point, computed once: most characters
// map to the same bytes wherever they stand, so text can be normalized and cut in a single pass. Blocks of 256 code
// points are made when first met and published by an atomic pointer; reading takes no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/text/normalizer.hpp"
#include "models/text/pre_tokenizer.hpp"

namespace chalkstream::text {

class character_table {
public:
  /// What a character does. Values up to `last_run` say which run it continues: neighbours with the same value are
  /// part of one word.
  enum action : std::uint8_t {
    first_run = 0,
    last_run = 3,
    separates, // ends the word before it
    isolated,  // a word of its own
    vanishes,  // as if it were not there
    depends    // on its neighbours: the pieces around it need the full rules
  };

  struct entry {
    std::uint16_t offset; // of its UTF-8 in the block's bytes
    std::uint8_t size;
    std::uint8_t does;
  };

  struct block {
    std::array<entry, 256> entries;
    std::vector<char> bytes; // readable `copy_reads` bytes behind any offset
  };
  static constexpr std::size_t copy_reads = 64;

  /// The two must outlive the table. Only meaningful when `cut.is_local()`.
  character_table(const normalizer& normalize, const pre_tokenizer& cut) : normalize_(normalize), cut_(cut) {}
  ~character_table();
  character_table(const character_table&) = delete;
  character_table& operator=(const character_table&) = delete;

  const block& of(char32_t cp) const {
    const block* made = blocks_[cp >> 8].load(std::memory_order_acquire);
    return made != nullptr ? *made : make(cp >> 8);
  }

private:
  const block& make(char32_t number) const;
  entry describe(char32_t cp, normalized_text& text, normalizer::scratch& work, std::vector<char>& bytes) const;

  const normalizer& normalize_;
  const pre_tokenizer& cut_;
  mutable std::array<std::atomic<const block*>, 0x1100> blocks_{};
};

} // namespace chalkstream::text

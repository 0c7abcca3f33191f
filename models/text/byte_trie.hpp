// A map from byte strings to numbers that answers "the longest key starting here" in one walk: a double array, in
// which the child of a node for byte c sits at base XOR c and carries c as its label. Eight bytes a node.
// Immutable once built; reading is thread-safe and does not allocate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace chalkstream::text {

class byte_trie {
public:
  using state = std::uint32_t;
  static constexpr state root = 0;
  /// Keys longer than this are refused: a walk costs as much as the longest key.
  static constexpr std::size_t max_key_bytes = 4096;

  struct entry {
    std::string_view key;
    std::int32_t value; // ≥ 0
  };

  byte_trie() = default;

  /// Fails with `corrupt` when a key is empty or stands there twice, with `unsupported` when a key or the whole is
  /// too large (2^23 nodes).
  static result<byte_trie> build(std::vector<entry> entries);

  bool empty() const noexcept { return nodes_[root].link >> label_bits == 0; } // the root has no children

  /// Moves `at` along `byte`; false (and `at` unchanged) when no key continues so.
  bool step(state& at, unsigned char byte) const noexcept {
    const state next = (nodes_[at].link >> label_bits) ^ byte;
    if ((nodes_[next].link & label_mask) != byte + 1U)
      return false;
    at = next;
    return true;
  }

  /// The value of the key that ends in this state, or -1.
  std::int32_t value(state at) const noexcept { return nodes_[at].value; }

  /// The state behind `key`, walked from the root.
  std::optional<state> find(std::string_view key) const noexcept;

  struct match {
    std::int32_t value = -1; // -1: no key starts here
    std::size_t size = 0;    // bytes of the key, without the part that led to `from`
  };

  /// The longest key that continues from `from` with the beginning of `bytes`.
  match longest(state from, std::string_view bytes) const noexcept {
    match best;
    state at = from;
    for (std::size_t k = 0; k < bytes.size() && step(at, static_cast<unsigned char>(bytes[k])); ++k)
      if (nodes_[at].value >= 0)
        best = {nodes_[at].value, k + 1};
    return best;
  }

private:
  friend class byte_trie_builder;
  static constexpr std::uint32_t label_bits = 9; // the byte plus one, so that 0 is "free"
  static constexpr std::uint32_t label_mask = (1U << label_bits) - 1;

  struct node {
    std::uint32_t link = 0; // base << label_bits | label
    std::int32_t value = -1;
  };

  std::vector<node> nodes_ = std::vector<node>(256);
};

} // namespace chalkstream::text

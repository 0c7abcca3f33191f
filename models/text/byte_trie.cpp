#include "models/text/byte_trie.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace chalkstream::text {

/// Places nodes one by one into the first gap where all children of a node fit. Gaps are looked for in the last few
/// blocks of 256 only, which keeps building linear and costs a few per cent of the space.
class byte_trie_builder {
public:
  explicit byte_trie_builder(std::vector<byte_trie::entry>& entries) : entries_(entries) {}

  result<byte_trie> run() {
    grow();
    taken_[0] = true;     // the root
    base_used_[0] = true; // a leaf's base is 0: no children may live there
    std::vector<pending> open{{byte_trie::root, 0, entries_.size(), 0}};
    while (!open.empty()) {
      const pending at = open.back();
      open.pop_back();
      if (!expand(at, open))
        return {errc::unsupported, "the vocabulary has too many distinct prefixes (2^23 at most)"};
    }
    return std::move(trie_);
  }

private:
  static constexpr std::size_t block = 256;
  static constexpr std::size_t open_blocks = 16;
  static constexpr std::size_t max_nodes = std::size_t{1} << 23;

  struct pending {
    byte_trie::state at;
    std::size_t begin, end; // entries sharing the path to `at`
    std::size_t depth;
  };
  struct child {
    unsigned char label;
    std::size_t begin, end;
  };

  unsigned char label(std::size_t entry, std::size_t depth) const {
    return static_cast<unsigned char>(entries_[entry].key[depth]);
  }

  bool expand(const pending& at, std::vector<pending>& open) {
    std::size_t begin = at.begin;
    if (begin < at.end && entries_[begin].key.size() == at.depth)
      trie_.nodes_[at.at].value = entries_[begin++].value;
    children_.clear();
    for (std::size_t k = begin; k < at.end; ++k) {
      if (children_.empty() || children_.back().label != label(k, at.depth))
        children_.push_back({label(k, at.depth), k, k});
      children_.back().end = k + 1;
    }
    if (children_.empty())
      return true;
    const std::size_t base = place();
    if (base >= max_nodes)
      return false;
    base_used_[base] = true;
    trie_.nodes_[at.at].link |= static_cast<std::uint32_t>(base) << byte_trie::label_bits;
    for (const child& each : children_) {
      const auto slot = static_cast<byte_trie::state>(base ^ each.label);
      taken_[slot] = true;
      trie_.nodes_[slot].link = each.label + 1U;
      open.push_back({slot, each.begin, each.end, at.depth + 1});
    }
    return true;
  }

  std::size_t place() {
    const std::size_t blocks = taken_.size() / block;
    for (std::size_t b = blocks > open_blocks ? blocks - open_blocks : 0; b < blocks; ++b)
      for (std::size_t slot = std::max(first_free_[b], b * block); slot < (b + 1) * block; ++slot) {
        if (taken_[slot]) {
          first_free_[b] += slot == first_free_[b];
          continue;
        }
        const std::size_t base = slot ^ children_.front().label;
        if (!base_used_[base] && std::none_of(children_.begin(), children_.end(), [&](const child& c) {
              return taken_[base ^ c.label];
            }))
          return base;
      }
    grow();
    return (blocks * block) ^ children_.front().label;
  }

  void grow() {
    first_free_.push_back(taken_.size());
    taken_.resize(taken_.size() + block);
    base_used_.resize(taken_.size());
    trie_.nodes_.resize(taken_.size());
  }

  std::vector<byte_trie::entry>& entries_;
  byte_trie trie_;
  std::vector<child> children_;
  std::vector<bool> taken_;
  std::vector<bool> base_used_;
  std::vector<std::size_t> first_free_; // per block: nothing before it is free
};

result<byte_trie> byte_trie::build(std::vector<entry> entries) {
  if (std::any_of(entries.begin(), entries.end(), [](const entry& e) { return e.key.size() > max_key_bytes; }))
    return {errc::unsupported, "a token is longer than " + std::to_string(max_key_bytes) + " bytes"};
  std::sort(entries.begin(), entries.end(), [](const entry& a, const entry& b) { return a.key < b.key; });
  const auto same = [](const entry& a, const entry& b) { return a.key == b.key; };
  if (std::adjacent_find(entries.begin(), entries.end(), same) != entries.end())
    return {errc::corrupt, "a token stands in the vocabulary twice"};
  if (!entries.empty() && entries.front().key.empty())
    return {errc::corrupt, "a token is empty"};
  return byte_trie_builder(entries).run();
}

std::optional<byte_trie::state> byte_trie::find(std::string_view key) const noexcept {
  state at = root;
  for (const char c : key)
    if (!step(at, static_cast<unsigned char>(c)))
      return std::nullopt;
  return at;
}

} // namespace chalkstream::text

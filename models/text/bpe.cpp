#include "models/text/bpe.hpp"

#include <algorithm>
#include <bit>

#include "models/text/byte_alphabet.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

void append(bpe::scratch& work, std::int32_t id, std::size_t size) {
  const auto at = static_cast<std::int32_t>(work.symbols.size());
  if (at > 0)
    work.symbols.back().next = at;
  work.symbols.push_back({id, static_cast<std::uint32_t>(size), at - 1, -1});
}

/// The strongest merge comes first; of equals, the leftmost.
bool comes_later(const bpe::scratch::merge& a, const bpe::scratch::merge& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
}

} // namespace

bpe::merge_table::merge_table(std::size_t merges) : cells_(std::bit_ceil(2 * merges + 2)) {}

std::size_t bpe::merge_table::slot_of(std::int32_t first, std::int32_t second) const noexcept {
  std::uint64_t h = (std::uint64_t{static_cast<std::uint32_t>(first)} << 32 | static_cast<std::uint32_t>(second))
                    * 0x9E3779B97F4A7C15U;
  h ^= h >> 32;
  std::size_t slot = h & (cells_.size() - 1);
  while (cells_[slot].first >= 0 && (cells_[slot].first != first || cells_[slot].second != second))
    slot = (slot + 1) & (cells_.size() - 1);
  return slot;
}

void bpe::merge_table::put(const cell& merge) {
  cells_[slot_of(merge.first, merge.second)] = merge;
}

const bpe::merge_table::cell* bpe::merge_table::find(std::int32_t first, std::int32_t second) const noexcept {
  const cell& at = cells_[slot_of(first, second)];
  return at.first < 0 ? nullptr : &at;
}

result<bpe> bpe::build(const bpe_description& description) {
  const std::vector<std::string>& vocabulary = description.vocabulary;
  bpe model(description.merges.size());
  model.vocabulary_size_ = vocabulary.size();
  model.prefix_ = description.continuing_prefix;
  model.suffix_ = description.end_of_word_suffix;
  model.fuse_unknown_ = description.fuse_unknown;
  model.byte_fallback_ = description.byte_fallback;
  if (model.byte_fallback_ && !(model.prefix_.empty() && model.suffix_.empty()))
    return {errc::unsupported, "BPE: byte_fallback with continuing_subword_prefix or end_of_word_suffix"};

  std::vector<byte_trie::entry> entries;
  entries.reserve(vocabulary.size());
  for (std::size_t id = 0; id < vocabulary.size(); ++id)
    if (!vocabulary[id].empty())
      entries.push_back({vocabulary[id], static_cast<std::int32_t>(id)});
  CHALK_TRY(model.trie_, byte_trie::build(std::move(entries)));
  const auto id_of = [&](std::string_view token) {
    const auto at = model.trie_.find(token);
    return at ? model.trie_.value(*at) : -1;
  };

  if (!description.unknown_token.empty()) {
    model.unknown_id_ = id_of(description.unknown_token);
    if (model.unknown_id_ < 0)
      return {errc::corrupt, "BPE: the unknown token is not in the vocabulary"};
  }
  for (std::size_t rank = 0; rank < description.merges.size(); ++rank) {
    const auto& [first, second] = description.merges[rank];
    const std::size_t skipped = model.prefix_.size();
    const std::int32_t merged = second.size() < skipped ? -1 : id_of(first + second.substr(skipped));
    merge_table::cell made{id_of(first), id_of(second), static_cast<std::uint32_t>(rank), merged};
    if (made.first < 0 || made.second < 0 || made.id < 0)
      return {errc::corrupt, "BPE: merge " + std::to_string(rank) + " is not in the vocabulary"};
    model.merges_.put(made);
  }
  for (char32_t cp = 0; cp < model.short_ids_.size(); ++cp) {
    char bytes[4];
    model.short_ids_[cp] = id_of({bytes, encode_utf8(cp, bytes)});
  }
  for (std::size_t byte = 0; byte < 256; ++byte)
    model.byte_ids_[byte] = id_of(byte_token(static_cast<unsigned char>(byte)));

  model.whole_.resize(vocabulary.size()); // all false while they are found out, so that split() merges
  std::vector<bool> whole(vocabulary.size(), description.ignore_merges);
  scratch work;
  std::vector<token_piece> pieces;
  for (std::size_t id = 0; id < vocabulary.size() && !description.ignore_merges; ++id)
    if (!vocabulary[id].empty()) {
      model.split(vocabulary[id], pieces, work);
      whole[id] = pieces.size() == 1 && pieces[0].id == static_cast<std::int32_t>(id)
                  && pieces[0].end == vocabulary[id].size();
    }
  model.whole_ = std::move(whole);
  return model;
}

void bpe::split(std::string_view word, std::vector<token_piece>& out, scratch& work) const {
  out.clear();
  if (const auto at = trie_.find(word)) {
    const std::int32_t id = trie_.value(*at);
    if (id >= 0 && whole_[static_cast<std::size_t>(id)]) {
      out.push_back({id, 0, static_cast<std::uint32_t>(word.size())});
      return;
    }
  }
  spell(word, work);
  merge(work);
  std::uint32_t begin = 0;
  for (const scratch::symbol& each : work.symbols)
    if (each.size != 0) {
      out.push_back({each.id, begin, begin + each.size});
      begin += each.size;
    }
}

/// The id of the character at bytes [at, at + size), spelled as the vocabulary does where it stands; or -1.
std::int32_t bpe::character_id(std::string_view word, std::size_t at, std::size_t size, scratch& work) const {
  const bool prefixed = at != 0 && !prefix_.empty();
  const bool suffixed = at + size == word.size() && !suffix_.empty();
  if (!prefixed && !suffixed) {
    const char* from = word.data() + at;
    const char32_t cp = decode_utf8(from);
    if (cp < short_ids_.size())
      return short_ids_[cp];
  }
  work.spelled.assign(prefixed ? prefix_ : std::string_view());
  work.spelled.append(word.substr(at, size));
  work.spelled.append(suffixed ? suffix_ : std::string_view());
  const auto found = trie_.find(work.spelled);
  return found ? trie_.value(*found) : -1;
}

bool bpe::fall_back(std::string_view character, scratch& work) const {
  const auto id = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (!byte_fallback_ || std::any_of(character.begin(), character.end(), [&](char byte) { return id(byte) < 0; }))
    return false;
  for (const char byte : character)
    append(work, id(byte), 1);
  return true;
}

/// The word's characters as symbols. An unknown one is held back until a known one comes, as in the reference: one
/// that falls back to bytes does not count.
void bpe::spell(std::string_view word, scratch& work) const {
  work.symbols.clear();
  std::size_t unknown = 0; // bytes held back
  const auto release = [&] {
    if (unknown != 0)
      append(work, unknown_id_, unknown);
    unknown = 0;
  };
  for (std::size_t at = 0, size = 0; at < word.size(); at += size) {
    size = utf8_length(static_cast<unsigned char>(word[at]));
    const std::int32_t id = character_id(word, at, size, work);
    if (id >= 0) {
      release();
      append(work, id, size);
    } else if (!fall_back(word.substr(at, size), work) && unknown_id_ >= 0) {
      if (!fuse_unknown_)
        release();
      unknown += size;
    }
  }
  release();
}

void bpe::merge(scratch& work) const {
  auto& symbols = work.symbols;
  auto& queue = work.queue;
  queue.clear();
  const auto offer = [&](std::size_t at, std::size_t next) {
    if (const auto* found = merges_.find(symbols[at].id, symbols[next].id))
      queue.push_back({found->rank, static_cast<std::uint32_t>(at), found->id});
    return queue.size();
  };
  for (std::size_t at = 0; at + 1 < symbols.size(); ++at)
    offer(at, at + 1);
  std::make_heap(queue.begin(), queue.end(), comes_later);
  const auto offer_later = [&](std::size_t at, std::size_t next) {
    const std::size_t before = queue.size();
    if (offer(at, next) != before)
      std::push_heap(queue.begin(), queue.end(), comes_later);
  };

  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), comes_later);
    const scratch::merge top = queue.back();
    queue.pop_back();
    scratch::symbol& left = symbols[top.at];
    if (left.size == 0 || left.next < 0)
      continue;
    scratch::symbol& right = symbols[static_cast<std::size_t>(left.next)];
    // An entry is stale when its pair now makes another token, not when the pair changed: so the reference has it.
    const auto* found = merges_.find(left.id, right.id);
    if (found == nullptr || found->id != top.id)
      continue;
    left.id = top.id;
    left.size += right.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0)
      symbols[static_cast<std::size_t>(left.next)].previous = static_cast<std::int32_t>(top.at);
    if (left.previous >= 0)
      offer_later(static_cast<std::size_t>(left.previous), top.at);
    if (left.next >= 0)
      offer_later(top.at, static_cast<std::size_t>(left.next));
  }
}

} // namespace chalkstream::text

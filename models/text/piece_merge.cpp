#include "models/text/piece_merge.hpp"

#include <algorithm>

#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

using piece_kind = sentencepiece_file::piece_kind;

constexpr std::string_view space = "\xE2\x96\x81"; // U+2581

/// The best merge comes first; of equals, the leftmost.
bool comes_later(const piece_merge::scratch::merge& a, const piece_merge::scratch::merge& b) {
  return a.score != b.score ? a.score < b.score : a.left > b.left;
}

/// Where the next chunk begins: at a space behind something else.
std::size_t chunk_end(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  while (text.substr(at).starts_with(space))
    at += space.size();
  return std::min(text.find(space, at), text.size());
}

} // namespace

result<piece_merge> piece_merge::build(const sentencepiece_file& file) {
  const auto& all = file.pieces;
  piece_merge model;
  model.unknown_id_ = static_cast<std::int32_t>(file.unknown);
  std::vector<byte_trie::entry> entries;
  for (std::size_t id = 0; id < all.size(); ++id) {
    const auto& its = all[id];
    model.scores_.push_back(its.score);
    model.user_defined_.push_back(its.kind == piece_kind::user_defined);
    model.unused_.push_back(its.kind == piece_kind::unused);
    const bool is_found = its.kind == piece_kind::normal || model.user_defined_.back() || model.unused_.back();
    if (!is_found)
      continue;
    entries.push_back({its.text, static_cast<std::int32_t>(id)});
    model.any_user_defined_ |= model.user_defined_.back();
    model.any_unused_ |= model.unused_.back();
    model.spaces_begin_pieces_ &= chunk_end(its.text, 0) == its.text.size();
  }
  CHALK_TRY(model.trie_, byte_trie::build(std::move(entries)));

  model.whole_.resize(all.size()); // all false while they are found out, so that split() merges
  std::vector<bool> whole(all.size());
  scratch work;
  std::vector<token_piece> pieces;
  for (std::size_t id = 0; id < all.size(); ++id)
    if (all[id].kind == piece_kind::normal) {
      model.split(all[id].text, pieces, work);
      whole[id] = pieces.size() == 1 && pieces[0].id == static_cast<std::int32_t>(id);
    }
  model.whole_ = std::move(whole);
  return model;
}

void piece_merge::split(std::string_view text, std::vector<token_piece>& out, scratch& work) const {
  out.clear();
  work.halves.clear();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = spaces_begin_pieces_ ? chunk_end(text, begin) : text.size();
    split_chunk(text, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), out, work);
    begin = end;
  }
}

void piece_merge::split_chunk(std::string_view text, std::uint32_t begin, std::uint32_t end,
                              std::vector<token_piece>& out, scratch& work) const {
  if (const auto at = trie_.find(text.substr(begin, end - begin)))
    if (const std::int32_t id = trie_.value(*at); id >= 0 && whole_[static_cast<std::size_t>(id)]) {
      out.push_back({id, begin, end});
      return;
    }
  spell(text, begin, end, work);
  merge(text, work);
  for (const scratch::part& each : work.parts)
    if (each.size != 0)
      append(text, each.begin, each.size, out, work);
}

/// The characters and user-defined pieces of [begin, end) as parts.
void piece_merge::spell(std::string_view text, std::uint32_t begin, std::uint32_t end, scratch& work) const {
  work.parts.clear();
  for (std::uint32_t at = begin, size = 0; at < end; at += size) {
    scratch::part made{at, 0, static_cast<std::int32_t>(work.parts.size()) - 1, -1, byte_trie::root, true, false};
    if (any_user_defined_) {
      byte_trie::state state = byte_trie::root;
      for (std::uint32_t k = at; k < end && trie_.step(state, static_cast<unsigned char>(text[k])); ++k)
        if (const std::int32_t id = trie_.value(state); id >= 0 && user_defined_[static_cast<std::size_t>(id)])
          made.size = k + 1 - at;
      made.whole = made.size != 0;
    }
    if (!made.whole)
      made.size = static_cast<std::uint32_t>(utf8_length(static_cast<unsigned char>(text[at])));
    for (std::uint32_t k = 0; k < made.size && made.known; ++k)
      made.known = trie_.step(made.state, static_cast<unsigned char>(text[at + k]));
    size = made.size;
    if (!work.parts.empty())
      work.parts.back().next = static_cast<std::int32_t>(work.parts.size());
    work.parts.push_back(made);
  }
}

void piece_merge::offer(std::string_view text, std::int32_t left, std::int32_t right, scratch& work) const {
  if (left < 0 || right < 0)
    return;
  const scratch::part& first = work.parts[static_cast<std::size_t>(left)];
  const scratch::part& second = work.parts[static_cast<std::size_t>(right)];
  if (!first.known || first.whole || second.whole)
    return;
  byte_trie::state at = first.state;
  for (std::uint32_t k = 0; k < second.size; ++k)
    if (!trie_.step(at, static_cast<unsigned char>(text[second.begin + k])))
      return;
  const std::int32_t id = trie_.value(at);
  if (id < 0)
    return;
  work.queue.push_back({scores_[static_cast<std::size_t>(id)], static_cast<std::uint32_t>(left),
                        static_cast<std::uint32_t>(right), first.size + second.size});
  std::push_heap(work.queue.begin(), work.queue.end(), comes_later);
  if (any_unused_ && unused_[static_cast<std::size_t>(id)])
    work.halves[id] = first.size;
}

void piece_merge::merge(std::string_view text, scratch& work) const {
  auto& parts = work.parts;
  auto& queue = work.queue;
  queue.clear();
  for (std::size_t at = 0; at + 1 < parts.size(); ++at)
    offer(text, static_cast<std::int32_t>(at), static_cast<std::int32_t>(at) + 1, work);
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), comes_later);
    const scratch::merge top = queue.back();
    queue.pop_back();
    scratch::part& left = parts[top.left];
    scratch::part& right = parts[top.right];
    if (left.size == 0 || right.size == 0 || left.size + right.size != top.size)
      continue; // one of them is another part by now
    for (std::uint32_t k = 0; k < right.size; ++k)
      trie_.step(left.state, static_cast<unsigned char>(text[right.begin + k]));
    left.size = top.size;
    left.next = right.next;
    if (right.next >= 0)
      parts[static_cast<std::size_t>(right.next)].previous = static_cast<std::int32_t>(top.left);
    right.size = 0;
    offer(text, left.previous, static_cast<std::int32_t>(top.left), work);
    offer(text, static_cast<std::int32_t>(top.left), left.next, work);
  }
}

/// A part as the piece it reads like; an unused piece falls apart into what it was made of.
void piece_merge::append(std::string_view text, std::uint32_t begin, std::uint32_t size,
                         std::vector<token_piece>& out, const scratch& work) const {
  const auto found = trie_.find(text.substr(begin, size));
  const std::int32_t id = found ? trie_.value(*found) : -1;
  if (any_unused_ && id >= 0 && unused_[static_cast<std::size_t>(id)])
    if (const auto half = work.halves.find(id); half != work.halves.end() && half->second < size) {
      append(text, begin, half->second, out, work);
      append(text, begin + half->second, size - half->second, out, work);
      return;
    }
  out.push_back({id >= 0 ? id : unknown_id_, begin, begin + size});
}

} // namespace chalkstream::text
